import { expect, test } from "vitest";
import type { Run } from "../api/types";
import { columnOf } from "./columns";
import { rowsOf } from "./groups";

const run = (model: string, auc: number | "NaN"): Run => ({
  info: {
    ...{ run_id: model + auc, run_name: "r", experiment_id: "0", status: "FINISHED" },
    ...{ start_time: 0, artifact_uri: "", lifecycle_stage: "active" },
  },
  data: {
    params: [{ key: "model", value: model }],
    metrics: [{ key: "auc", value: auc, timestamp: 0 }],
  },
});

test("without a group every row is a run", () => {
  expect(rowsOf([run("a", 1)], undefined, undefined).map((one) => one.kind)).toEqual(["run"]);
});

test("each stretch of a value has a row before it: how many, and the mean of what is sorted by", () => {
  const rows = rowsOf(
    [run("a", 1), run("a", 2), run("a", "NaN"), run("b", 5)],
    columnOf("params.model"),
    columnOf("metrics.auc"),
  );
  expect(rows.filter((one) => one.kind === "group")).toEqual([
    { kind: "group", value: "a", count: 3, mean: 1.5 },
    { kind: "group", value: "b", count: 1, mean: 5 },
  ]);
  expect(rows.map((one) => (one.kind === "run" ? one.index : "group"))).toEqual([
    ...["group", 0, 1, 2, "group", 3],
  ]);
});
