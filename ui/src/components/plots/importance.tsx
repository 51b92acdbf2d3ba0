/** Importances as bars, the greatest first; of several runs beside each other. */
import { useState } from "preact/hooks";
import type { Importance } from "../../lib/plots";
import { lineOf } from "../../lib/colors";
import { number } from "../../lib/format";
import { dark } from "../../lib/theme";

const TOP = 20;

export interface Measured {
  run: string;
  plot: Importance;
}

export function ImportanceBars({ sources }: { sources: Measured[] }) {
  const [all, setAll] = useState(false);
  const [wanted, setWanted] = useState("");
  const first = sources[0]?.plot;
  if (!first) return null;
  const classes = first.classes.map((one) => one.name);
  const columns = sources.map(({ run, plot }) => ({ run, values: valuesOf(plot, wanted) }));
  const rows = ordered(columns.map((one) => one.values));
  const shown = all ? rows : rows.slice(0, TOP);
  const low = Math.min(0, ...rows.flatMap((row) => row.values.filter(Number.isFinite)));
  const high = Math.max(0, ...rows.flatMap((row) => row.values.filter(Number.isFinite)));
  const span = high - low || 1;
  return (
    <figure class="plot importance" aria-label={first.title}>
      <figcaption>
        <strong>{first.title}</strong>
        {classes.length > 0 && (
          <label class="tool">
            Class{" "}
            <select value={wanted} onChange={(event) => setWanted(event.currentTarget.value)}>
              <option value="">all, mean magnitude</option>
              {classes.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
      </figcaption>
      {sources.length > 1 && (
        <ul class="legend">
          {sources.map(({ run }, who) => (
            <li key={run}>
              <Swatch index={who} /> {run}
            </li>
          ))}
        </ul>
      )}
      <table class="bars" aria-label={`${first.title}, values`}>
        <thead class="hidden">
          <tr>
            <th scope="col">Feature</th>
            <th scope="col">{first.measure}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ name, values }) => (
            <tr key={name}>
              <th scope="row" title={name}>
                {name}
              </th>
              <td>
                {values.map((value, who) => (
                  <div key={who} class="bar">
                    <span class="track" aria-hidden="true">
                      <span
                        style={{
                          background: lineOf(who, dark.value, sources.length).color,
                          left: `${((Math.min(0, value || 0) - low) / span) * 100}%`,
                          width: `${(Math.abs(value || 0) / span) * 100}%`,
                        }}
                      />
                    </span>
                    <span class="number">{Number.isNaN(value) ? "none" : number(value)}</span>
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="note">
        {shown.length} of {Math.max(rows.length, first.of)} features
        {first.of > rows.length && `; the ${rows.length} greatest were logged`}.{" "}
        {rows.length > TOP && (
          <button onClick={() => setAll(!all)}>
            {all ? `Show the top ${TOP}` : `Show all ${rows.length}`}
          </button>
        )}
      </p>
    </figure>
  );
}

function Swatch({ index }: { index: number }) {
  const { color } = lineOf(index, dark.value);
  return <span class="swatch" style={{ background: color }} aria-hidden="true" />;
}

function valuesOf(plot: Importance, wanted: string): Map<string, number> {
  const values = plot.classes.find((one) => one.name === wanted)?.values ?? plot.values;
  return new Map(plot.names.map((name, at) => [name, values[at] as number]));
}

/** Every feature that any run has, by its greatest magnitude. */
function ordered(columns: Map<string, number>[]) {
  const names = new Set(columns.flatMap((one) => [...one.keys()]));
  const size = (values: number[]) => Math.max(...values.map((one) => Math.abs(one) || 0));
  return [...names]
    .map((name) => ({ name, values: columns.map((one) => one.get(name) ?? NaN) }))
    .sort((a, b) => size(b.values) - size(a.values));
}
