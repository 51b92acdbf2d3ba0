import { expect, test } from "vitest";
import type { Series } from "../api/types";
import { join, sampling } from "./series";

const one = (step: number[], last: Series["last"], width = 1): Series => ({
  run_id: "r",
  key: "loss",
  width,
  total: step.length * width,
  step,
  timestamp: step,
  last,
  low: last,
  high: last,
  count: step.map(() => width),
});

test("series with different steps share one axis", () => {
  const [steps, a, , , b] = join([one([0, 2], [1, 2]), one([1, 2], [5, 6])]);
  expect(steps).toEqual([0, 1, 2]);
  expect(a).toEqual([1, null, 2]);
  expect(b).toEqual([null, 5, 6]);
});

test("what is no number leaves a gap", () => {
  expect(join([one([0, 1], ["NaN", 3])])[1]).toEqual([null, 3]);
});

test("sampling is told, and only when there is some", () => {
  expect(sampling([one([0, 1], [1, 2])])).toBe("");
  expect(sampling([one([0, 1], [1, 2], 16)])).toContain("2 buckets of 32 points");
});
