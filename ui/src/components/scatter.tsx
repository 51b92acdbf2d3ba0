/** One metric or parameter against another: a point a run. */
import { useState } from "preact/hooks";
import type { Run } from "../api/types";
import type { Column } from "../lib/columns";
import { type Dimension, dimensionOf, marksOf, share } from "../lib/dimensions";
import { number } from "../lib/format";
import { go, link } from "../lib/router";

const [WIDTH, HEIGHT] = [560, 320];
const INSET = { left: 64, right: 16, top: 14, bottom: 42 };

export function Scatter({ runs, columns }: { runs: Run[]; columns: Column[] }) {
  const metrics = columns.filter((one) => one.numeric);
  const [across, setAcross] = useState(
    (columns.find((one) => !one.numeric) ?? metrics[1])?.field ?? "",
  );
  const [up, setUp] = useState(metrics[0]?.field ?? "");
  const [over, setOver] = useState<Run>();
  const find = (field: string) => columns.find((one) => one.field === field);
  const [first, second] = [find(across), find(up)];
  if (!first || !second) return null;
  const [x, y] = [dimensionOf(first, runs), dimensionOf(second, runs)];
  const wide = WIDTH - INSET.left - INSET.right;
  const tall = HEIGHT - INSET.top - INSET.bottom;
  const left = (value: number) => INSET.left + (0.04 + 0.92 * share(x, value)) * wide;
  const top = (value: number) => INSET.top + (0.96 - 0.92 * share(y, value)) * tall;
  return (
    <figure class="plot scatter" aria-label="Scatter of runs">
      <figcaption>
        <strong>{over ? over.info.run_name : "Scatter"}</strong>
        <span>
          <Choice label="y" {...{ columns }} value={up} onChange={setUp} />{" "}
          <Choice label="x" {...{ columns }} value={across} onChange={setAcross} />
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${second.title} against ${first.title} of ${runs.length} runs`}
      >
        <g class="axes" aria-hidden="true">
          {marksOf(y, 5).map(([at, text]) => (
            <g key={at}>
              <path d={`M${INSET.left} ${top(at)}H${WIDTH - INSET.right}`} />
              <text x={INSET.left - 6} y={top(at) + 4} text-anchor="end">
                {text}
              </text>
            </g>
          ))}
          {marksOf(x, 5).map(([at, text]) => (
            <g key={at}>
              <path d={`M${left(at)} ${INSET.top}V${HEIGHT - INSET.bottom}`} />
              <text x={left(at)} y={HEIGHT - INSET.bottom + 16} text-anchor="middle">
                {text}
              </text>
            </g>
          ))}
          <text x={INSET.left + wide / 2} y={HEIGHT - 6} text-anchor="middle" class="label">
            {first.title}
          </text>
        </g>
        {runs.map((run, who) => {
          const [a, b] = [x.values[who] as number, y.values[who] as number];
          if (!Number.isFinite(a) || !Number.isFinite(b)) return null;
          return (
            <circle
              key={run.info.run_id}
              class="dot"
              cx={left(a)}
              cy={top(b)}
              r={over === run ? 7 : 4.5}
              onPointerEnter={() => setOver(run)}
              onPointerLeave={() => setOver(undefined)}
              onClick={() => go(link(["runs", run.info.run_id]))}
            >
              <title>{`${run.info.run_name}: ${said(x, a)}, ${said(y, b)}`}</title>
            </circle>
          );
        })}
      </svg>
    </figure>
  );
}

const said = ({ column, texts }: Dimension, value: number) =>
  `${column.title} ${texts ? texts[value] : number(value)}`;

interface ChoiceProps {
  label: string;
  columns: Column[];
  value: string;
  onChange: (field: string) => void;
}

function Choice({ label, columns, value, onChange }: ChoiceProps) {
  return (
    <label class="tool">
      {label}{" "}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {columns.map((one) => (
          <option key={one.field} value={one.field}>
            {one.title}
          </option>
        ))}
      </select>
    </label>
  );
}
