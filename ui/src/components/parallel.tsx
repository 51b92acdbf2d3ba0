/** Parallel coordinates: each run a line through its parameters and metrics, coloured by the last. */
import { useState } from "preact/hooks";
import type { Run } from "../api/types";
import type { Column } from "../lib/columns";
import { type Dimension, dimensionOf, marksOf, shade, share } from "../lib/dimensions";
import { go, link } from "../lib/router";

const [HEIGHT, TOP, BOTTOM, SIDE] = [320, 34, 16, 70];
/** More axes than this cannot be read beside each other. */
const AXES = 10;

export function Parallel({ runs, columns }: { runs: Run[]; columns: Column[] }) {
  const metrics = columns.filter((one) => one.numeric);
  const [target, setTarget] = useState(metrics[0]?.field ?? "");
  const [over, setOver] = useState<number>();
  const goal = metrics.find((one) => one.field === target) ?? metrics[0];
  const params = columns.filter((one) => !one.numeric).slice(0, AXES - 1);
  if (!goal || params.length === 0) return null;
  const axes = [...params, goal].map((one) => dimensionOf(one, runs));
  const color = axes.at(-1) as Dimension;
  const width = Math.max(900, axes.length * 150);
  const x = (at: number) => SIDE + (at * (width - 2 * SIDE)) / Math.max(1, axes.length - 1);
  const y = (axis: Dimension, value: number) =>
    TOP + (1 - share(axis, value)) * (HEIGHT - TOP - BOTTOM);
  const path = (who: number) =>
    axes
      .map((axis, at) => ({ at, axis, value: axis.values[who] as number }))
      .filter(({ value }) => Number.isFinite(value))
      .map(({ at, axis, value }, first) => `${first ? "L" : "M"}${x(at)} ${y(axis, value)}`)
      .join("");
  const shown = over === undefined ? undefined : runs[over];
  return (
    <figure class="plot parallel" aria-label="Parallel coordinates">
      <figcaption>
        <strong>{shown ? shown.info.run_name : "Parallel coordinates"}</strong>
        <label class="tool">
          Coloured by{" "}
          <select value={goal.field} onChange={(event) => setTarget(event.currentTarget.value)}>
            {metrics.map((one) => (
              <option key={one.field} value={one.field}>
                {one.title}
              </option>
            ))}
          </select>
        </label>
      </figcaption>
      <div class="scroll" tabIndex={0} role="region" aria-label="Parallel coordinates, axes">
        <svg
          viewBox={`0 0 ${width} ${HEIGHT}`}
          role="img"
          aria-label={`${runs.length} runs along ${axes.map((one) => one.column.title).join(", ")}`}
          style={{ "min-width": `${axes.length * 90}px`, "max-width": `${width * 1.15}px` }}
        >
          {runs.map((run, who) => (
            <path
              key={run.info.run_id}
              class={over === who ? "line over" : over === undefined ? "line" : "line faded"}
              stroke={shade(share(color, color.values[who] as number) || 0)}
              d={path(who)}
              onPointerEnter={() => setOver(who)}
              onPointerLeave={() => setOver(undefined)}
              onClick={() => go(link(["runs", run.info.run_id]))}
            />
          ))}
          {axes.map((axis, at) => (
            <Axis key={axis.column.field} axis={axis} x={x(at)} y={(value) => y(axis, value)} />
          ))}
        </svg>
      </div>
    </figure>
  );
}

function Axis({ axis, x, y }: { axis: Dimension; x: number; y: (value: number) => number }) {
  return (
    <g class="axes" aria-hidden="true">
      <path class="stem" d={`M${x} ${TOP}V${HEIGHT - BOTTOM}`} />
      <text x={x} y={16} text-anchor="middle" class="label">
        {short(axis.column.title, 18)}
      </text>
      {marksOf(axis, 4).map(([at, text]) => (
        <text key={at} x={x + 6} y={y(at) + 4} class="halo">
          {short(text, 12)}
        </text>
      ))}
    </g>
  );
}

const short = (text: string, most: number) =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
