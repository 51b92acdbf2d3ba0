/** A table of many runs: rows outside the view are not drawn; the end asks for more. */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from "@tanstack/virtual-core";
import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import type { Run } from "../api/types";
import { type Column, cell, columnOf } from "../lib/columns";
import { ago, number, time } from "../lib/format";
import { type Row, rowsOf } from "../lib/groups";
import { go, link } from "../lib/router";
import { type View, widthOf } from "../lib/view";
import { RunMark } from "./marks";
import { cellClass, cellStyle, Head, type Placed } from "./runhead";

const [DENSE, ROOMY] = [28, 38];
const CHECK = 36;

export interface RunTableProps {
  runs: Run[];
  columns: Column[];
  view: View;
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  onCompare: () => void;
  onEnd: () => void;
}

export function RunTable({
  runs,
  columns,
  view,
  selected,
  onSelect,
  onCompare,
  onEnd,
}: RunTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const [dragged, setDragged] = useState<{ field: string; width: number }>();
  const height = view.roomy ? ROOMY : DENSE;
  const lines = useMemo(
    () => rowsOf(runs, view.group ? columnOf(view.group) : undefined, columnOf(view.order.field)),
    [runs, view.group, view.order.field],
  );
  const rows = useRows(scroller, lines.length, height);
  const placed = useMemo(() => placeColumns(columns, view, dragged), [columns, view, dragged]);
  const last = rows.items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lines.length > 0 && last >= lines.length - 40) onEnd();
  }, [last, lines.length]);
  useEffect(() => setDragged(undefined), [view.widths]);
  const before = rows.items[0]?.start ?? 0;
  const after = rows.size - (rows.items.at(-1)?.end ?? 0);
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  const all = selected.size >= runs.length && runs.length > 0;
  /** j, k or arrows walk, x selects, Enter opens, c compares. */
  const onKey = (event: KeyboardEvent) => {
    if (event.target !== scroller.current) return;
    const way = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    const line = lines[active];
    if (way) {
      event.preventDefault();
      const next = walk(lines, active, way);
      setActive(next);
      rows.show(next);
    } else if (event.key === "x" && line?.kind === "run") toggle(line.run.info.run_id);
    else if (event.key === "Enter" && line?.kind === "run") {
      go(link(["runs", line.run.info.run_id]));
    } else if (event.key === "c" && selected.size > 1) onCompare();
  };
  const wide = CHECK + placed.reduce((sum, one) => sum + one.width, 0);
  return (
    <div
      class="scroller"
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label="Runs"
      aria-description="j and k walk, x selects, Enter opens, c compares"
      onKeyDown={onKey}
    >
      <table
        class="list runs"
        aria-rowcount={lines.length}
        style={{ width: `${wide}px`, "--row": `${height}px` } as Record<string, string>}
      >
        <colgroup>
          <col style={{ width: `${CHECK}px` }} />
          {placed.map(({ column, width }) => (
            <col key={column.field} style={{ width: `${width}px` }} />
          ))}
        </colgroup>
        <Head
          placed={placed}
          order={view.order}
          all={all}
          some={selected.size > 0}
          onAll={() => onSelect(all ? new Set() : new Set(runs.map((run) => run.info.run_id)))}
          onResize={(field, width) => setDragged({ field, width })}
        />
        <tbody>
          <tr style={{ height: `${before}px` }} aria-hidden="true" />
          {rows.items.map(({ index }) => {
            const line = lines[index];
            if (!line) return null;
            if (line.kind === "group") {
              return <GroupLine key={`g${index}`} line={line} view={view} span={columns.length} />;
            }
            const id = line.run.info.run_id;
            return (
              <RunLine
                key={id}
                run={line.run}
                index={index}
                placed={placed}
                selected={selected.has(id)}
                active={index === active}
                onToggle={toggle}
              />
            );
          })}
          <tr style={{ height: `${after}px` }} aria-hidden="true" />
        </tbody>
      </table>
    </div>
  );
}

function placeColumns(
  columns: Column[],
  view: View,
  dragged: { field: string; width: number } | undefined,
): Placed[] {
  let left = CHECK;
  const pinned = columns.filter((one) => view.pinned.has(one.field)).length;
  return columns.map((column, at) => {
    const width = dragged?.field === column.field ? dragged.width : widthOf(view, column);
    const found = { column, width, left: at < pinned ? left : undefined };
    left += width;
    return { ...found, lastPinned: at === pinned - 1 };
  });
}

/** The next line that is a run; the rows that name groups are passed over. */
function walk(lines: Row[], from: number, way: number): number {
  for (let at = from + way; at >= 0 && at < lines.length; at += way) {
    if (lines[at]?.kind === "run") return at;
  }
  return from;
}

interface GroupProps {
  line: Row & { kind: "group" };
  view: View;
  span: number;
}

function GroupLine({ line, view, span }: GroupProps) {
  const { title } = columnOf(view.group);
  const { order } = view;
  return (
    <tr class="group">
      <th scope="rowgroup" colSpan={span + 1}>
        {title} <b>{line.value || "none"}</b>{" "}
        <span class="muted">
          {line.count} {line.count === 1 ? "run" : "runs"}
          {line.mean !== undefined && `, mean ${columnOf(order.field).title} ${number(line.mean)}`}
        </span>
      </th>
    </tr>
  );
}

interface LineProps {
  run: Run;
  index: number;
  placed: Placed[];
  selected: boolean;
  active: boolean;
  onToggle: (id: string) => void;
}

function RunLine({ run, index, placed, selected, active, onToggle }: LineProps) {
  const { run_id: id, run_name: name } = run.info;
  const toggle = useRef(onToggle);
  toggle.current = onToggle;
  // The same element is not looked into again: scrolling costs the rows that come into view.
  return useMemo(
    () => (
      <tr
        aria-rowindex={index + 1}
        aria-selected={selected}
        class={active ? "active" : undefined}
        data-run={id}
      >
        <td class="pinned" style={{ left: "0px" }}>
          <input
            type="checkbox"
            aria-label={`Select ${name}`}
            checked={selected}
            onChange={() => toggle.current(id)}
          />
        </td>
        {placed.map((one) => (
          <td key={one.column.field} class={cellClass(one)} style={cellStyle(one)}>
            <Value run={run} column={one.column} />
          </td>
        ))}
      </tr>
    ),
    [run, index, placed, selected, active],
  );
}

function Value({ run, column }: { run: Run; column: Column }) {
  const { run_id: id, run_name: name, start_time: started } = run.info;
  if (column.field === "attributes.run_name") {
    const child = run.data?.tags?.some((one) => one.key === "mlflow.parentRunId");
    return (
      <>
        {child && (
          <span class="muted" title="A nested run">
            ↳{" "}
          </span>
        )}
        <a href={link(["runs", id])} title={name}>
          {name}
        </a>
      </>
    );
  }
  if (column.field === "attributes.status") return <RunMark run={run} />;
  if (column.field === "attributes.start_time") {
    return <span title={time(started)}>{ago(started)}</span>;
  }
  const text = cell(run, column);
  return <span title={text.length > 14 ? text : undefined}>{text}</span>;
}

/** The rows in view and a little around them, kept up to date while the user scrolls. */
function useRows(scroller: { current: HTMLDivElement | null }, count: number, height: number) {
  const [, draw] = useReducer((turn: number) => turn + 1, 0);
  const settings = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    initialRect: { width: 1000, height: 800 },
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    scrollPaddingStart: 40,
    onChange: () => draw(0),
  };
  const [virtual] = useState(() => new Virtualizer<HTMLDivElement, Element>(settings));
  virtual.setOptions(settings);
  useEffect(() => virtual._didMount(), []);
  useEffect(() => virtual._willUpdate());
  useEffect(() => virtual.measure(), [height]);
  return {
    items: virtual.getVirtualItems(),
    size: virtual.getTotalSize(),
    show: (index: number) => virtual.scrollToIndex(index),
  };
}
