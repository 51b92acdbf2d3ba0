import { expect, test } from "vitest";
import type { Series } from "../api/types";
import { join, PLAIN, sampling, smooth, stepsWithin } from "./series";

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

test("on a time axis each series lies where it was logged, relative ones begin together", () => {
  const late = { ...one([0, 1], [1, 2]), timestamp: [5000, 7000] };
  const early = { ...one([0, 1], [3, 4]), timestamp: [1000, 2000] };
  expect(join([late, early], { ...PLAIN, axis: "time" })[0]).toEqual([1, 2, 5, 7]);
  expect(join([late, early], { ...PLAIN, axis: "relative" })[0]).toEqual([0, 1, 2]);
});

test("smoothing begins at the first value, keeps gaps, and leaves what was logged as the band", () => {
  expect(smooth([4, null, 4], 0.9)).toEqual([4, null, 4]);
  const [, line, raw] = join([one([0, 1], [0, 3])], { ...PLAIN, smoothing: 0.5 });
  expect(line).toEqual([0, 2]);
  expect(raw).toEqual([0, 3]);
});

test("a log axis has no place for what is not above zero", () => {
  expect(join([one([0, 1, 2], [-1, 0, 3])], { ...PLAIN, log: true })[1]).toEqual([null, null, 3]);
});

test("a stretch of time is asked for by its steps", () => {
  const timed = { ...one([0, 10, 20, 30], [1, 2, 3, 4]), timestamp: [0, 1000, 2000, 3000] };
  expect(stepsWithin([timed], "relative", [0.5, 2.5])).toEqual([10, 20]);
  expect(stepsWithin([timed], "relative", [0.9, 1.1])).toBeUndefined();
});
