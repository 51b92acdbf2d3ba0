import { expect, test } from "vitest";
import type { Run } from "../api/types";
import { columnOf } from "./columns";
import { dimensionOf, marksOf, shade, share } from "./dimensions";

const run = (params: Record<string, string>, auc?: number): Run => ({
  info: {
    ...{ run_id: "r", run_name: "r", experiment_id: "0", status: "FINISHED" },
    ...{ start_time: 0, artifact_uri: "", lifecycle_stage: "active" },
  },
  data: {
    params: Object.entries(params).map(([key, value]) => ({ key, value })),
    ...(auc === undefined ? {} : { metrics: [{ key: "auc", value: auc, timestamp: 0 }] }),
  },
});

test("parameters that read as numbers are numbers, others are texts in order", () => {
  const runs = [run({ lr: "1e-3", model: "tree" }), run({ lr: "0.1", model: "forest" }), run({})];
  expect(dimensionOf(columnOf("params.lr"), runs)).toMatchObject({
    ...{ texts: undefined, range: [0.001, 0.1], values: [0.001, 0.1, NaN] },
  });
  expect(dimensionOf(columnOf("params.model"), runs)).toMatchObject({
    ...{ texts: ["forest", "tree"], range: [0, 1], values: [1, 0, NaN] },
  });
});

test("a metric keeps every digit, and equal values stand in the middle", () => {
  const found = dimensionOf(columnOf("metrics.auc"), [run({}, 0.123456789), run({}, 0.123456789)]);
  expect(found.values[0]).toBe(0.123456789);
  expect(share(found, 0.123456789)).toBe(0.5);
});

test("shades go from dark to bright and stay within the scale", () => {
  expect(shade(0)).toBe("rgb(0 34 78)");
  expect(shade(2)).toBe("rgb(253 234 69)");
});

test("learning rates lie on a log scale, labelled at powers of ten", () => {
  const runs = [run({ lr: "0.0001" }), run({ lr: "0.001" }), run({ lr: "0.1" })];
  const found = dimensionOf(columnOf("params.lr"), runs);
  expect(share(found, 0.001)).toBeCloseTo(1 / 3);
  expect(marksOf(found, 5).map(([at]) => at)).toEqual([0.0001, 0.001, 0.01, 0.1]);
});
