/** One metric of one or more runs over steps: a line and a band each; zoom asks for finer data. */
import { useQuery } from "@tanstack/preact-query";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { getSeries } from "../api/runs";
import type { Series } from "../api/types";
import { lineOf, prefersDark } from "../lib/colors";
import { number } from "../lib/format";
import { join, sampling } from "../lib/series";
import { ErrorBox } from "./states";

export interface ChartProps {
  metric: string;
  runs: { id: string; name: string }[];
  live?: boolean;
}

export function Chart({ metric, runs, live = false }: ChartProps) {
  const [range, setRange] = useState<[number, number] | undefined>();
  const [logScale, setLogScale] = useState(false);
  const ids = runs.map((run) => run.id);
  const query = useQuery({
    queryKey: ["series", ids, metric, range],
    queryFn: ({ signal }) => getSeries(ids, metric, range, signal),
    refetchInterval: live ? 3000 : false,
    placeholderData: (previous) => previous,
  });
  const series = (query.data ?? []).filter((one) => one.total > 0);
  const names = new Map(runs.map((run) => [run.id, run.name]));
  return (
    <figure class="chart" aria-label={`Chart of ${metric}`}>
      <figcaption>
        <strong>{metric}</strong>
        <span class="tools">
          {range && <button onClick={() => setRange(undefined)}>Reset zoom</button>}
          <label>
            <input
              type="checkbox"
              checked={logScale}
              onChange={(event) => setLogScale(event.currentTarget.checked)}
            />{" "}
            log
          </label>
        </span>
      </figcaption>
      {query.error && <ErrorBox error={query.error} />}
      <Canvas series={series} names={names} logScale={logScale} onZoom={setRange} />
      <p class="note">{sampling(series)}</p>
      <Values series={series} names={names} />
    </figure>
  );
}

interface CanvasProps {
  series: Series[];
  names: Map<string, string>;
  logScale: boolean;
  onZoom: (range: [number, number]) => void;
}

function Canvas({ series, names, logScale, onZoom }: CanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const data = useMemo(() => join(series), [series]);
  useEffect(() => {
    const element = place.current;
    if (!element || series.length === 0) return;
    const plot = new uPlot(
      options(element.clientWidth || 480, series, names, logScale, onZoom),
      data as uPlot.AlignedData,
      element,
    );
    const watch = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: 220 }),
    );
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [data, logScale]);
  return <div class="canvas" ref={place} />;
}

function options(
  width: number,
  series: Series[],
  names: Map<string, string>,
  logScale: boolean,
  onZoom: (range: [number, number]) => void,
): uPlot.Options {
  const dark = prefersDark();
  const ink = dark ? "#9aa4b0" : "#5b636e";
  const grid = { stroke: dark ? "#2a2f37" : "#e6e8ec", width: 1 };
  const lines = series.flatMap((one, index) => {
    const { color, dash } = lineOf(index, dark);
    const single = one.step.length === 1;
    return [
      {
        label: names.get(one.run_id) ?? one.run_id,
        stroke: color,
        dash,
        width: 1.5,
        points: { show: single },
        spanGaps: true,
      },
      { stroke: "transparent", points: { show: false }, spanGaps: true },
      { stroke: "transparent", points: { show: false }, spanGaps: true },
    ];
  });
  const bands = series.map((_, index) => ({
    series: [3 * index + 3, 3 * index + 2] as [number, number],
    fill: `${lineOf(index, dark).color}22`,
  }));
  return {
    width,
    height: 220,
    legend: { show: false },
    scales: { x: { time: false }, y: logScale ? { distr: 3 } : {} },
    axes: [
      { stroke: ink, grid, ticks: grid },
      { stroke: ink, grid, ticks: grid, size: 64 },
    ],
    series: [{ label: "step" }, ...lines],
    bands,
    cursor: { drag: { x: true, y: false, setScale: false } },
    hooks: {
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          const { left, width: wide } = plot.select;
          onZoom([plot.posToVal(left, "x"), plot.posToVal(left + wide, "x")]);
        },
      ],
    },
  };
}

/** The chart in words: what the lines are, and where they end. Readable without seeing it. */
function Values({ series, names }: { series: Series[]; names: Map<string, string> }) {
  const dark = prefersDark();
  if (series.length === 0) return <p class="note">No points.</p>;
  return (
    <ul class="legend">
      {series.map((one, index) => (
        <li key={one.run_id}>
          <span
            class="swatch"
            style={{ background: lineOf(index, dark).color }}
            aria-hidden="true"
          />
          {names.get(one.run_id) ?? one.run_id}: <b>{number(one.last.at(-1))}</b>
          <span class="muted"> at step {one.step.at(-1)}</span>
        </li>
      ))}
    </ul>
  );
}
