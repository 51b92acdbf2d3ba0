/** The head of the table of runs: a click sorts, a drag or the arrow keys make a column wider. */
import { useState } from "preact/hooks";
import { type Column, nextOrder, type Order } from "../lib/columns";
import { place, setQuery } from "../lib/router";
import { within } from "../lib/view";

/** A column with its place on the screen; `left` is set where it is pinned. */
export interface Placed {
  column: Column;
  width: number;
  left: number | undefined;
  lastPinned: boolean;
}

export const cellClass = ({ column, left, lastPinned }: Placed) =>
  [column.numeric && "number", left !== undefined && "pinned", lastPinned && "last-pinned"]
    .filter(Boolean)
    .join(" ") || undefined;

export const cellStyle = ({ left }: Placed) =>
  left === undefined ? undefined : { left: `${left}px` };

interface HeadProps {
  placed: Placed[];
  order: Order;
  all: boolean;
  some: boolean;
  onAll: () => void;
  onResize: (field: string, width: number) => void;
}

export function Head({ placed, order, all, some, onAll, onResize }: HeadProps) {
  return (
    <thead>
      <tr>
        <th scope="col" class="pinned" style={{ left: "0px" }}>
          <input
            type="checkbox"
            aria-label="Select all loaded runs"
            checked={all}
            indeterminate={some && !all}
            onChange={onAll}
          />
        </th>
        {placed.map((one) => {
          const { column } = one;
          const here = order.field === column.field;
          const direction = order.descending ? "descending" : "ascending";
          return (
            <th
              scope="col"
              key={column.field}
              class={cellClass(one)}
              style={cellStyle(one)}
              aria-sort={here ? direction : "none"}
              title={column.title}
            >
              <button class="sort" onClick={() => setQuery({ order: nextOrder(order, column) })}>
                {column.title}
                <span aria-hidden="true">{here ? (order.descending ? " ▼" : " ▲") : ""}</span>
              </button>
              <Grip column={column} width={one.width} onResize={onResize} />
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface GripProps {
  column: Column;
  width: number;
  onResize: (field: string, width: number) => void;
}

function Grip({ column, width, onResize }: GripProps) {
  const [from, setFrom] = useState<{ x: number; width: number }>();
  const keep = (next: number) => {
    const others = place.value.query
      .getAll("width")
      .filter((one) => !one.startsWith(`${column.field}:`));
    setQuery({ width: [...others, `${column.field}:${within(next)}`] });
  };
  return (
    <button
      class="grip"
      aria-label={`Width of ${column.title}: ${width} pixels, arrow keys change it`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom({ x: event.clientX, width });
      }}
      onPointerMove={(event) =>
        from && onResize(column.field, within(from.width + event.clientX - from.x))
      }
      onPointerUp={(event) => {
        if (from && event.clientX !== from.x) keep(from.width + event.clientX - from.x);
        setFrom(undefined);
      }}
      onKeyDown={(event) => {
        const way = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
        if (!way) return;
        event.preventDefault();
        event.stopPropagation();
        keep(width + way);
      }}
    />
  );
}
