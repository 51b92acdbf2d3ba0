/** Which columns a table of runs has, and what each shows. */
import type { Run, WireNumber } from "../api/types";
import { number } from "./format";

export interface Column {
  /** As the server's order_by and filters say it: `metrics.auc`, `attributes.start_time`. */
  field: string;
  title: string;
  numeric: boolean;
}

export const HEAD: Column[] = [
  { field: "attributes.run_name", title: "Run", numeric: false },
  { field: "attributes.status", title: "Status", numeric: false },
  { field: "attributes.start_time", title: "Started", numeric: false },
];

type Kind = "metrics" | "params";

/** Columns of the parameters and metrics that these runs have, metrics first, each by name. */
export function columnsOf(runs: Run[]): Column[] {
  return columnsOfPages([{ runs }]);
}

/** The same of runs that came page by page; a page that was read is not read again. */
export function columnsOfPages(pages: { runs: Run[] }[]): Column[] {
  const keys = (kind: Kind) =>
    [...new Set(pages.flatMap((page) => [...keysOf(page.runs)[kind]]))].sort();
  const column = (kind: Kind) => (key: string) => columnOf(`${kind}.${quoted(key)}`);
  return [...keys("metrics").map(column("metrics")), ...keys("params").map(column("params"))];
}

const known = new WeakMap<Run[], Record<Kind, Set<string>>>();

function keysOf(runs: Run[]): Record<Kind, Set<string>> {
  const before = known.get(runs);
  if (before) return before;
  const found = { metrics: new Set<string>(), params: new Set<string>() };
  for (const { data } of runs) {
    for (const one of data?.metrics ?? []) found.metrics.add(one.key);
    for (const one of data?.params ?? []) found.params.add(one.key);
  }
  known.set(runs, found);
  return found;
}

/** The column of a field as the address names it. */
export function columnOf(field: string): Column {
  const [kind = ""] = field.split(".", 1);
  const title = field.slice(kind.length + 1).replace(/^`(.*)`$/, "$1");
  return { field, title, numeric: kind === "metrics" };
}

/** Keys with more than letters, digits and underscores stand in backticks in the grammar. */
export function quoted(key: string): string {
  return /^\w+$/.test(key) ? key : `\`${key}\``;
}

export function cell(run: Run, column: Column): string {
  const [kind] = column.field.split(".", 1);
  if (kind === "metrics") {
    const found = run.data?.metrics?.find((one) => one.key === column.title);
    return number(found?.value as WireNumber | undefined);
  }
  const texts = kind === "tags" ? run.data?.tags : run.data?.params;
  return texts?.find((one) => one.key === column.title)?.value ?? "";
}

/** Columns whose value is the same in every run say nothing when runs are compared. */
export function differing(runs: Run[], columns: Column[]): Column[] {
  return columns.filter((column) => new Set(runs.map((run) => cell(run, column))).size > 1);
}

export interface Order {
  field: string;
  descending: boolean;
}

export function readOrder(text: string | null): Order {
  const found = /^(.*) (asc|desc)$/i.exec(text ?? "");
  return found
    ? { field: found[1] as string, descending: found[2]?.toLowerCase() === "desc" }
    : { field: "attributes.start_time", descending: true };
}

/** A second click on a column turns its order round; a metric begins with the highest. */
export function nextOrder(now: Order, column: Column): string {
  const descending = now.field === column.field ? !now.descending : column.numeric;
  return `${column.field} ${descending ? "desc" : "asc"}`;
}
