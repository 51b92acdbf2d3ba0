/** Rows of a table of runs: runs, and before each group a row that names it. */
import type { Run } from "../api/types";
import { type Column, cell } from "./columns";
import { toNumber } from "./format";

export type Row =
  | { kind: "run"; run: Run; index: number }
  | { kind: "group"; value: string; count: number; mean: number | undefined };

/** The runs come sorted by the group's field, so that each group is a stretch of them. */
export function rowsOf(runs: Run[], by: Column | undefined, measure: Column | undefined): Row[] {
  if (!by) return runs.map((run, index) => ({ kind: "run", run, index }));
  const rows: Row[] = [];
  for (let start = 0; start < runs.length;) {
    const value = valueOf(runs[start] as Run, by);
    let end = start;
    while (end < runs.length && valueOf(runs[end] as Run, by) === value) end++;
    const own = runs.slice(start, end);
    rows.push({ kind: "group", value, count: own.length, mean: meanOf(own, measure) });
    own.forEach((run, at) => rows.push({ kind: "run", run, index: start + at }));
    start = end;
  }
  return rows;
}

function valueOf(run: Run, by: Column): string {
  return by.field === "attributes.status" ? run.info.status.toLowerCase() : cell(run, by);
}

function meanOf(runs: Run[], measure: Column | undefined): number | undefined {
  if (!measure?.numeric) return undefined;
  const values = runs.flatMap((run) => {
    const found = run.data?.metrics?.find((one) => one.key === measure.title);
    const value = found ? toNumber(found.value) : NaN;
    return Number.isFinite(value) ? [value] : [];
  });
  return values.length > 0 ? values.reduce((sum, one) => sum + one, 0) / values.length : undefined;
}
