/** One metric of one or more runs: a line and a band each; zoom asks for finer data. */
import { useQuery } from "@tanstack/preact-query";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { getSeries } from "../api/runs";
import type { Series } from "../api/types";
import { lineOf } from "../lib/colors";
import { duration, number, time } from "../lib/format";
import { type Drawing, PLAIN, sampling, stepsWithin, xOf } from "../lib/series";
import { dark } from "../lib/theme";
import { Canvas } from "./canvas";
import { ErrorBox } from "./states";

export interface ChartProps {
  metric: string;
  runs: { id: string; name: string }[];
  live?: boolean;
  drawing?: Drawing;
}

interface Zoom {
  range: [number, number];
  steps: [number, number] | undefined;
}

export function Chart({ metric, runs, live = false, drawing = PLAIN }: ChartProps) {
  const place = useRef<HTMLElement>(null);
  const seen = useSeen(place);
  const [zoom, setZoom] = useState<Zoom>();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<number>();
  const ids = runs.map((run) => run.id);
  useEffect(() => setZoom(undefined), [drawing.axis]);
  const query = useQuery({
    queryKey: ["series", ids, metric, zoom?.steps],
    queryFn: ({ signal }) => getSeries(ids, metric, zoom?.steps, signal),
    refetchInterval: live ? 3000 : false,
    placeholderData: (previous) => previous,
    enabled: seen,
  });
  const series = useMemo(() => (query.data ?? []).filter((one) => one.total > 0), [query.data]);
  const names = new Map(runs.map((run) => [run.id, run.name]));
  const toggle = (id: string) => {
    const next = new Set(hidden);
    if (!next.delete(id)) next.add(id);
    setHidden(next);
  };
  const scalar = series.length > 0 && series.every((one) => one.total === 1);
  return (
    <figure class="chart" aria-label={`Chart of ${metric}`} ref={place}>
      <figcaption>
        <strong title={metric}>{metric}</strong>
        {zoom && <button onClick={() => setZoom(undefined)}>Reset zoom</button>}
      </figcaption>
      {query.error && <ErrorBox error={query.error} />}
      {query.isPending && !query.error && <div class="skeleton canvas" />}
      {query.isSuccess && series.length === 0 && <p class="note">No points.</p>}
      {scalar ? (
        <Scalars series={series} names={names} />
      ) : (
        series.length > 0 && (
          <>
            <Canvas
              name={metric}
              {...{ series, hidden, drawing }}
              range={zoom?.range}
              onCursor={setCursor}
              onZoom={(range) =>
                setZoom({ range, steps: stepsWithin(series, drawing.axis, range) })
              }
            />
            <Legend {...{ series, names, hidden, drawing, cursor }} onToggle={toggle} />
            {sampling(series) && <p class="note">{sampling(series)}</p>}
          </>
        )
      )}
    </figure>
  );
}

/** Whether the chart came near the view: those far below ask for nothing yet. */
function useSeen(place: { current: HTMLElement | null }): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!place.current || seen) return;
    const watch = new IntersectionObserver(
      (entries) => entries.some((one) => one.isIntersecting) && setSeen(true),
      { rootMargin: "400px" },
    );
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [seen]);
  return seen;
}

interface LegendProps {
  series: Series[];
  names: Map<string, string>;
  hidden: ReadonlySet<string>;
  drawing: Drawing;
  cursor: number | undefined;
  onToggle: (id: string) => void;
}

/** The chart in words: each line's value at the cursor, else where it ends. A click hides a line. */
function Legend({ series, names, hidden, drawing, cursor, onToggle }: LegendProps) {
  const all = useMemo(
    () => [...new Set(series.flatMap((one) => xOf(one, drawing.axis)))].sort((a, b) => a - b),
    [series, drawing.axis],
  );
  const x = cursor === undefined ? undefined : all[cursor];
  return (
    <ul class="legend">
      {series.map((one, index) => {
        const at = x === undefined ? one.step.length - 1 : nearest(xOf(one, drawing.axis), x);
        const place = xOf(one, drawing.axis)[at];
        return (
          <li key={one.run_id}>
            <button
              aria-pressed={!hidden.has(one.run_id)}
              title="Show or hide this line"
              onClick={() => onToggle(one.run_id)}
            >
              <span
                class="swatch"
                style={{ background: lineOf(index, dark.value, series.length).color }}
                aria-hidden="true"
              />
              {names.get(one.run_id) ?? one.run_id}: <b>{number(one.last[at])}</b>
              <span class="muted"> {placed(place, drawing)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function placed(x: number | undefined, { axis }: Drawing): string {
  if (x === undefined) return "";
  if (axis === "step") return `at step ${x}`;
  return axis === "time" ? time(x * 1000) : `after ${duration(x * 1000)}`;
}

function nearest(xs: number[], x: number): number {
  let best = 0;
  xs.forEach((one, at) => {
    if (Math.abs(one - x) < Math.abs((xs[best] as number) - x)) best = at;
  });
  return best;
}

/** A metric of one point has no line: its value, and of several runs a bar each. */
function Scalars({ series, names }: { series: Series[]; names: Map<string, string> }) {
  const values = series.map((one) => Number(one.last[0]));
  const high = Math.max(...values.map((one) => Math.abs(one) || 0)) || 1;
  if (series.length === 1) return <p class="scalar">{number(series[0]?.last[0])}</p>;
  return (
    <ul class="scalars" tabIndex={0} aria-label="Values of the runs">
      {series.map((one, index) => (
        <li key={one.run_id}>
          <span>{names.get(one.run_id) ?? one.run_id}</span>
          <span class="track" aria-hidden="true">
            <span
              style={{
                background: lineOf(index, dark.value, series.length).color,
                width: `${((Math.abs(values[index] as number) || 0) / high) * 100}%`,
              }}
            />
          </span>
          <b>{number(one.last[0])}</b>
        </li>
      ))}
    </ul>
  );
}
