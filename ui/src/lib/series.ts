/** Turn the server's buckets into the columns of a chart. */
import type { Series } from "../api/types";
import { toNumber } from "./format";

export type Axis = "step" | "time" | "relative";

export interface Drawing {
  axis: Axis;
  /** 0: as logged; towards 1: smoother. */
  smoothing: number;
  log: boolean;
}

export const PLAIN: Drawing = { axis: "step", smoothing: 0, log: false };

/**
 * x, then for each series the line, the low and the high edge of its band; null where there is
 * nothing. With smoothing, both edges are the line as it was logged.
 */
export type Columns = [number[], ...(number | null)[][]];

/** Join several series on one x axis; every x of any of them has a place. */
export function join(series: Series[], drawing: Drawing = PLAIN): Columns {
  const own = series.map((one) => xOf(one, drawing.axis));
  const all = [...new Set(own.flat())].sort((a, b) => a - b);
  const places = new Map(all.map((x, place) => [x, place]));
  const columns = series.flatMap((one, index) => {
    const spread = (values: (number | null)[]) => {
      const column = new Array<number | null>(all.length).fill(null);
      own[index]?.forEach((x, at) => {
        column[places.get(x) as number] = values[at] ?? null;
      });
      return column;
    };
    const read = (values: Series["last"]) => values.map((value) => drawable(value, drawing.log));
    const last = read(one.last);
    if (drawing.smoothing > 0) {
      const raw = spread(last);
      return [spread(smooth(last, drawing.smoothing)), raw, raw];
    }
    return [spread(last), spread(read(one.low)), spread(read(one.high))];
  });
  return [all, ...columns];
}

/** Where each bucket lies: its step, its time in s, or the seconds since the series began. */
export function xOf(series: Series, axis: Axis): number[] {
  if (axis === "step") return series.step;
  const from = axis === "relative" ? (series.timestamp[0] ?? 0) : 0;
  return series.timestamp.map((at) => (at - from) / 1000);
}

/** The steps between two places of the x axis: what the server is asked for in finer detail. */
export function stepsWithin(series: Series[], axis: Axis, range: [number, number]) {
  const steps = series.flatMap((one) =>
    xOf(one, axis).flatMap((x, at) =>
      x >= range[0] && x <= range[1] ? [one.step[at] as number] : [],
    ),
  );
  return steps.length > 1
    ? ([steps.reduce((a, b) => Math.min(a, b)), steps.reduce((a, b) => Math.max(a, b))] as [
        number,
        number,
      ])
    : undefined;
}

/**
 * Exponential moving average that begins at the first value instead of at 0: each sum is divided
 * by the weight it holds so far. Gaps stay gaps.
 */
export function smooth(values: (number | null)[], weight: number): (number | null)[] {
  let [sum, held] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    sum = sum * weight + value * (1 - weight);
    held = held * weight + (1 - weight);
    return sum / held;
  });
}

/** What a reader must be told about a chart: how many points it stands for. */
export function sampling(series: Series[]): string {
  const merged = series.filter((one) => one.width > 1);
  if (merged.length === 0) return "";
  const shown = Math.max(...merged.map((one) => one.step.length));
  const total = Math.max(...merged.map((one) => one.total));
  return `${shown} buckets of ${total.toLocaleString()} points; the band is lowest to highest`;
}

function drawable(value: Series["last"][number], log: boolean): number | null {
  const found = toNumber(value);
  return Number.isFinite(found) && (!log || found > 0) ? found : null;
}
