/** Turn the server's buckets into the columns of a chart. */
import type { Series } from "../api/types";
import { toNumber } from "./format";

/** x, then for each series last, low and high; null where a series has no bucket at that step. */
export type Columns = [number[], ...(number | null)[][]];

/** Join several series on one x axis; every step of any of them has a place. */
export function join(series: Series[]): Columns {
  const steps = [...new Set(series.flatMap((one) => one.step))].sort((a, b) => a - b);
  const places = new Map(steps.map((step, place) => [step, place]));
  const columns = series.flatMap((one) => {
    const empty = () => new Array<number | null>(steps.length).fill(null);
    const [last, low, high] = [empty(), empty(), empty()];
    one.step.forEach((step, index) => {
      const place = places.get(step) as number;
      last[place] = drawable(one.last[index]);
      low[place] = drawable(one.low[index]);
      high[place] = drawable(one.high[index]);
    });
    return [last, low, high];
  });
  return [steps, ...columns];
}

/** What a reader must be told about a chart: how many points it stands for. */
export function sampling(series: Series[]): string {
  const merged = series.filter((one) => one.width > 1);
  if (merged.length === 0) return "";
  const shown = Math.max(...merged.map((one) => one.step.length));
  const total = Math.max(...merged.map((one) => one.total));
  return `${shown} buckets of ${total.toLocaleString()} points; the band is lowest to highest`;
}

function drawable(value: Series["last"][number] | undefined): number | null {
  const found = value === undefined ? NaN : toNumber(value);
  return Number.isFinite(found) ? found : null;
}
