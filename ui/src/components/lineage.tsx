/** Lineage drawn: boxes in columns, what was used to the left, what uses it to the right. */
import type { Lineage } from "../api/types";
import { type Box, graphOf } from "../lib/lineage";

const [WIDTH, HEIGHT, ACROSS, DOWN] = [176, 48, 56, 14];

export function LineageGraph({ lineage }: { lineage: Lineage }) {
  const { boxes, edges, columns, rows } = graphOf(lineage);
  const tall = rows * (HEIGHT + DOWN) - DOWN;
  const counts = new Map<number, number>();
  for (const { column } of boxes) counts.set(column, (counts.get(column) ?? 0) + 1);
  const left = (box: Box) => box.column * (WIDTH + ACROSS);
  /** Each column stands in the middle. */
  const top = (box: Box) => {
    const own = (counts.get(box.column) ?? 1) * (HEIGHT + DOWN) - DOWN;
    return (tall - own) / 2 + box.row * (HEIGHT + DOWN);
  };
  const find = (id: string) => boxes.find((one) => one.id === id) as Box;
  const wide = columns * (WIDTH + ACROSS) - ACROSS;
  return (
    <div class="scroll lineage" tabIndex={0} role="region" aria-label="Lineage, drawn">
      <div class="board" style={{ width: `${wide}px`, height: `${tall}px` }}>
        <svg width={wide} height={tall} aria-hidden="true">
          {edges.map(([from, to]) => {
            const [a, b] = [find(from), find(to)];
            const [x, y] = [left(a) + WIDTH, top(a) + HEIGHT / 2];
            const [u, v] = [left(b), top(b) + HEIGHT / 2];
            const bend = ACROSS / 2;
            return (
              <path
                key={`${from} ${to}`}
                d={`M${x} ${y}C${x + bend} ${y} ${u - bend} ${v} ${u} ${v}`}
              />
            );
          })}
        </svg>
        <ul aria-label="Lineage">
          {boxes
            .toSorted((a, b) => a.column - b.column || a.row - b.row)
            .map((box) => (
              <li
                key={box.id}
                class={`node ${box.id === "version" ? "self" : ""}`}
                style={{ left: `${left(box)}px`, top: `${top(box)}px`, width: `${WIDTH}px` }}
                title={box.text}
              >
                <small>{box.kind}</small>
                {box.href ? <a href={box.href}>{box.text}</a> : <span>{box.text}</span>}
              </li>
            ))}
        </ul>
      </div>
    </div>
  );
}
