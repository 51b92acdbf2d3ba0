import { expect, test } from "vitest";
import { extent, interpolate, ticks } from "./scale";

test.each([
  [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [0.13, 0.87, [0.2, 0.4, 0.6, 0.8]],
  [-5, 12, [-5, 0, 5, 10]],
  [3, 3, [3]],
])("ticks from %s to %s are round", (low, high, wanted) => {
  expect(ticks(low, high)).toEqual(wanted);
});

test("what is not finite does not stretch an axis", () => {
  expect(extent([1, NaN, Infinity, -2])).toEqual([-2, 1]);
  expect(extent([])).toEqual([0, 1]);
});

test("a line is read between its points, in either direction, and not outside", () => {
  expect(interpolate([0, 1], [0, 10], 0.5)).toBe(5);
  expect(interpolate([1, 0], [10, 0], 0.25)).toBe(2.5);
  expect(interpolate([0, 1], [0, 10], 2)).toBeUndefined();
});
