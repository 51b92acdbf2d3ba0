/** How the charts of a page are drawn; all of it is in the address. */
import { useMemo } from "preact/hooks";
import { place, setQuery } from "../lib/router";
import type { Axis, Drawing } from "../lib/series";

const AXES: [Axis, string][] = [
  ["step", "step"],
  ["relative", "time since start"],
  ["time", "time of day"],
];

export function useDrawing(): Drawing {
  const { query } = place.value;
  const axis = AXES.find(([name]) => name === query.get("x"))?.[0] ?? "step";
  const smoothing = Math.min(0.99, Math.max(0, Number(query.get("smooth")) || 0));
  const log = query.get("log") === "y";
  return useMemo(() => ({ axis, smoothing, log }), [axis, smoothing, log]);
}

export function ChartTools({ drawing, find }: { drawing: Drawing; find?: boolean }) {
  return (
    <div class="toolbar" role="toolbar" aria-label="How charts are drawn">
      {find && (
        <input
          type="search"
          aria-label="Find charts"
          placeholder="Find charts"
          value={place.value.query.get("chart") ?? ""}
          onInput={(event) => setQuery({ chart: event.currentTarget.value })}
        />
      )}
      <label>
        x{" "}
        <select
          value={drawing.axis}
          onChange={(event) => {
            const axis = event.currentTarget.value;
            setQuery({ x: axis === "step" ? "" : axis });
          }}
        >
          {AXES.map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label>
        Smoothing{" "}
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={drawing.smoothing}
          onInput={(event) => {
            const weight = Number(event.currentTarget.value);
            setQuery({ smooth: weight === 0 ? "" : String(weight) });
          }}
        />{" "}
        <span class="number">{drawing.smoothing.toFixed(2)}</span>
      </label>
      <label>
        <input
          type="checkbox"
          checked={drawing.log}
          onChange={(event) => setQuery({ log: event.currentTarget.checked ? "y" : "" })}
        />{" "}
        log y
      </label>
      <span class="note">Drag over a chart to zoom.</span>
    </div>
  );
}

/** The charts whose name holds what was typed. */
export function found(keys: string[]): string[] {
  const wanted = (place.value.query.get("chart") ?? "").toLowerCase();
  return keys.filter((key) => key.toLowerCase().includes(wanted));
}
