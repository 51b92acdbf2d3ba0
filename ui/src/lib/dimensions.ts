/** What runs can be compared along: each metric and parameter as a scale of numbers or of texts. */
import type { Run } from "../api/types";
import { type Column, cell } from "./columns";
import { number, toNumber } from "./format";
import { extent, ticks } from "./scale";

export interface Dimension {
  column: Column;
  /** Texts in order of their first appearance; undefined where values are numbers. */
  texts: string[] | undefined;
  range: [number, number];
  /** Values above zero over two powers of ten or more, as of learning rates, lie on a log scale. */
  log: boolean;
  /** One a run, in the runs' order; NaN where a run has none. */
  values: number[];
}

/** A parameter whose every value reads as a number is one. */
export function dimensionOf(column: Column, runs: Run[]): Dimension {
  const said = runs.map((run) => exact(run, column));
  const numeric = said.every((one) => one === "" || Number.isFinite(Number(one)));
  if (column.numeric || numeric) {
    const values = said.map((one) => (one === "" ? NaN : Number(one)));
    const range = extent(values);
    const log = range[0] > 0 && range[1] / range[0] >= 100;
    return { column, texts: undefined, range, log, values };
  }
  const texts = [...new Set(said.filter(Boolean))].sort();
  const values = said.map((one) => (one === "" ? NaN : texts.indexOf(one)));
  return { column, texts, range: [0, Math.max(1, texts.length - 1)], log: false, values };
}

/** Not rounded for reading, as `cell` is. */
function exact(run: Run, column: Column): string {
  if (!column.field.startsWith("metrics.")) return cell(run, column);
  const found = run.data?.metrics?.find((one) => one.key === column.title);
  return found ? String(toNumber(found.value)) : "";
}

/** 0 at the low end of the scale, 1 at the high one; the middle where all are equal. */
export function share({ range: [low, high], log }: Dimension, value: number): number {
  if (!(high > low)) return 0.5;
  if (log) return Math.log(value / low) / Math.log(high / low);
  return (value - low) / (high - low);
}

/** Where the axis is labelled, and how. */
export function marksOf({ texts, range, log }: Dimension, most: number): [number, string][] {
  if (texts) return texts.slice(0, 12).map((text, at) => [at, text]);
  const found = log ? powers(...range) : ticks(...range, most);
  return found.map((at) => [at, number(at)]);
}

function powers(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(`1e${first + at}`));
}

/** A colour from dark to bright that every kind of colour vision tells apart (cividis). */
export function shade(at: number): string {
  const stops = [
    ...[[0, 34, 78], [53, 69, 108], [102, 105, 112], [148, 142, 119], [200, 184, 102]],
    [253, 234, 69],
  ]; // prettier-ignore
  const place = Math.min(1, Math.max(0, at)) * (stops.length - 1);
  const from = Math.min(stops.length - 2, Math.floor(place));
  const mixed = [0, 1, 2].map((part) => {
    const [a, b] = [stops[from]?.[part] ?? 0, stops[from + 1]?.[part] ?? 0];
    return Math.round(a + (b - a) * (place - from));
  });
  return `rgb(${mixed.join(" ")})`;
}
