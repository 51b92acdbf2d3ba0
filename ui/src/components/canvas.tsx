/** Lines with their bands, drawn by uPlot: hover, keys, drag to zoom. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "../api/types";
import { lineOf } from "../lib/colors";
import { number } from "../lib/format";
import { type Drawing, join } from "../lib/series";
import { dark } from "../lib/theme";

const HEIGHT = 220;

export interface CanvasProps {
  name: string;
  series: Series[];
  hidden: ReadonlySet<string>;
  drawing: Drawing;
  range: [number, number] | undefined;
  onZoom: (range: [number, number]) => void;
  /** The place under the cursor among the x of `join`, or nothing. */
  onCursor: (place: number | undefined) => void;
}

export function Canvas(props: CanvasProps) {
  const { name, series, hidden, drawing, range } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  // What is called back is read when it is called: the plot is not made anew for it.
  const latest = useRef(props);
  latest.current = props;
  const data = useMemo(() => join(series, drawing), [series, drawing]);
  const night = dark.value;
  useEffect(() => {
    const element = place.current;
    if (!element || series.length === 0) return;
    const made = new uPlot(
      options(element.clientWidth || 480, latest, night),
      data as uPlot.AlignedData,
      element,
    );
    plot.current = made;
    const watch = new ResizeObserver(() => {
      if (element.clientWidth !== made.width) {
        made.setSize({ width: element.clientWidth, height: HEIGHT });
      }
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [data, drawing, hidden, range, night]);
  const step = (event: KeyboardEvent) => {
    const made = plot.current;
    const way = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!made || way === undefined) return;
    event.preventDefault();
    const xs = made.data[0];
    const from = made.cursor.idx ?? (way > 0 ? -1 : xs.length);
    const to = Math.min(xs.length - 1, Math.max(0, from + way));
    made.setCursor({ left: made.valToPos(xs[to] as number, "x"), top: 20 });
  };
  return (
    <div
      class="canvas"
      ref={place}
      role="group"
      tabIndex={0}
      aria-label={`${name}: arrow keys read it point by point`}
      onKeyDown={step}
      onBlur={() => plot.current?.setCursor({ left: -10, top: -10 })}
    />
  );
}

function options(width: number, latest: { current: CanvasProps }, night: boolean): uPlot.Options {
  const { series, hidden, drawing, range } = latest.current;
  const ink = night ? "#9aa4b0" : "#5b636e";
  const grid = { stroke: night ? "#262b33" : "#eceff3", width: 1 };
  const axis = { stroke: ink, grid, ticks: { show: false }, font: "11px system-ui, sans-serif" };
  const lines = series.flatMap((one, index) => {
    const { color, dash } = lineOf(index, night, series.length);
    const single = one.step.length === 1;
    const show = !hidden.has(one.run_id);
    const edge = drawing.smoothing > 0 ? `${color}40` : "transparent";
    const hush = { stroke: edge, width: 1, points: { show: false }, spanGaps: true, show };
    return [
      { stroke: color, dash, width: 1.75, points: { show: single }, spanGaps: true, show },
      hush,
      { ...hush, stroke: "transparent" },
    ];
  });
  const bands = series.map((_, index) => ({
    series: [3 * index + 3, 3 * index + 2] as [number, number],
    fill: `${lineOf(index, night, series.length).color}22`,
  }));
  return {
    width,
    height: HEIGHT,
    padding: [10, 14, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: drawing.axis === "time", ...(range ? { range: () => range } : {}) },
      y: drawing.log ? { distr: 3 } : {},
    },
    axes: [
      { ...axis, space: 60, size: 28 },
      {
        ...axis,
        size: (_plot, values) => 18 + 6.5 * Math.max(3, ...(values ?? []).map((one) => one.length)),
        values: (_plot, splits) => splits.map((at) => (at === null ? "" : number(at))),
      },
    ],
    series: [{}, ...lines],
    bands: drawing.smoothing > 0 ? [] : bands,
    cursor: {
      drag: { x: true, y: false, setScale: false },
      // Charts of one page are read at the same x together.
      sync: { key: `mainstay-${drawing.axis}`, scales: ["x", null] },
      points: { size: 6 },
      y: false,
    },
    hooks: {
      setCursor: [(plot) => latest.current.onCursor(plot.cursor.idx ?? undefined)],
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          const { left, width: wide } = plot.select;
          latest.current.onZoom([plot.posToVal(left, "x"), plot.posToVal(left + wide, "x")]);
        },
      ],
    },
  };
}
