/** A table of many runs: rows outside the view are not drawn; the end asks for more. */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from "@tanstack/virtual-core";
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Run } from "../api/types";
import { type Column, type Order, cell, nextOrder } from "../lib/columns";
import { ago } from "../lib/format";
import { link } from "../lib/router";
import { RunMark } from "./marks";

const ROW = 28;

export interface RunTableProps {
  runs: Run[];
  columns: Column[];
  order: Order;
  selected: ReadonlySet<string>;
  onOrder: (order: string) => void;
  onSelect: (selected: ReadonlySet<string>) => void;
  onEnd: () => void;
}

export function RunTable(props: RunTableProps) {
  const { runs, columns, selected, onSelect, onEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows(scroller, runs.length);
  const last = rows.items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (runs.length > 0 && last >= runs.length - 5) onEnd();
  }, [last, runs.length]);
  const before = rows.items[0]?.start ?? 0;
  const after = rows.size - (rows.items.at(-1)?.end ?? 0);
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  return (
    <div class="scroller" ref={scroller} tabIndex={0} role="region" aria-label="Runs">
      <table class="list runs" aria-rowcount={runs.length}>
        <Head {...props} />
        <tbody>
          <tr style={{ height: `${before}px` }} aria-hidden="true" />
          {rows.items.map(({ index }) => {
            const run = runs[index];
            return run ? (
              <Row
                key={run.info.run_id}
                run={run}
                index={index}
                columns={columns}
                selected={selected.has(run.info.run_id)}
                onToggle={toggle}
              />
            ) : null;
          })}
          <tr style={{ height: `${after}px` }} aria-hidden="true" />
        </tbody>
      </table>
    </div>
  );
}

function Head({ columns, order, onOrder }: RunTableProps) {
  return (
    <thead>
      <tr>
        <th scope="col">
          <span class="hidden">Select</span>
        </th>
        {columns.map((column) => {
          const here = order.field === column.field;
          const direction = order.descending ? "descending" : "ascending";
          return (
            <th
              scope="col"
              key={column.field}
              class={column.numeric ? "number" : undefined}
              aria-sort={here ? direction : "none"}
            >
              <button class="sort" onClick={() => onOrder(nextOrder(order, column))}>
                {column.title}
                <span aria-hidden="true">{here ? (order.descending ? " ▼" : " ▲") : ""}</span>
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface RowProps {
  run: Run;
  index: number;
  columns: Column[];
  selected: boolean;
  onToggle: (id: string) => void;
}

function Row({ run, index, columns, selected, onToggle }: RowProps) {
  const { run_id: id, run_name: name, start_time: started } = run.info;
  return (
    <tr aria-rowindex={index + 1} aria-selected={selected} style={{ height: `${ROW}px` }}>
      <td>
        <input
          type="checkbox"
          aria-label={`Select ${name}`}
          checked={selected}
          onChange={() => onToggle(id)}
        />
      </td>
      {columns.map((column) => (
        <td key={column.field} class={column.numeric ? "number" : undefined}>
          {column.field === "attributes.run_name" ? (
            <a href={link(["runs", id])}>{name}</a>
          ) : column.field === "attributes.status" ? (
            <RunMark run={run} />
          ) : column.field === "attributes.start_time" ? (
            ago(started)
          ) : (
            cell(run, column)
          )}
        </td>
      ))}
    </tr>
  );
}

/** The rows in view and a little around them, kept up to date while the user scrolls. */
function useRows(scroller: { current: HTMLDivElement | null }, count: number) {
  const [, draw] = useReducer((turn: number) => turn + 1, 0);
  const settings = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
    initialRect: { width: 1000, height: 800 },
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => draw(0),
  };
  const [virtual] = useState(() => new Virtualizer<HTMLDivElement, Element>(settings));
  virtual.setOptions(settings);
  useEffect(() => virtual._didMount(), []);
  useEffect(() => virtual._willUpdate());
  return { items: virtual.getVirtualItems(), size: virtual.getTotalSize() };
}
