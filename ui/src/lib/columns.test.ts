import { expect, test } from "vitest";
import type { Run } from "../api/types";
import { cell, columnsOf, differing, nextOrder, quoted, readOrder } from "./columns";

const run = (metrics: Record<string, number>, params: Record<string, string>): Run => ({
  info: {
    run_id: "r",
    run_name: "brave-lynx-1",
    experiment_id: "0",
    status: "FINISHED",
    start_time: 0,
    artifact_uri: "",
    lifecycle_stage: "active",
  },
  data: {
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 0 })),
    params: Object.entries(params).map(([key, value]) => ({ key, value })),
  },
});

const runs = [run({ auc: 0.9, "val/loss": 1 }, { lr: "0.1" }), run({ auc: 0.8 }, { lr: "0.1" })];

test("columns are the union over the runs, metrics first", () => {
  expect(columnsOf(runs).map((one) => one.field)).toEqual([
    "metrics.auc",
    "metrics.`val/loss`",
    "params.lr",
  ]);
});

test("a cell is the run's value, or nothing", () => {
  const [auc, loss] = columnsOf(runs);
  expect(cell(runs[0] as Run, auc!)).toBe("0.9");
  expect(cell(runs[1] as Run, loss!)).toBe("");
});

test("only columns that differ remain", () => {
  expect(differing(runs, columnsOf(runs)).map((one) => one.title)).toEqual(["auc", "val/loss"]);
});

test("keys with odd letters are quoted", () => expect(quoted("a.b c")).toBe("`a.b c`"));

test("a metric sorts from the highest, then the other way", () => {
  const [auc] = columnsOf(runs);
  const first = nextOrder(readOrder(null), auc!);
  expect(first).toBe("metrics.auc desc");
  expect(nextOrder(readOrder(first), auc!)).toBe("metrics.auc asc");
});
