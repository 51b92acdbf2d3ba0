import { expect, test } from "vitest";
import { at, imagesByKey } from "./images";

const FILES = [
  "images/val~mask+step+10+timestamp+5+aa-bb.png",
  "images/val~mask+step+2+timestamp+9+aa-bc.png",
  "images/val~mask+step+2+timestamp+9+aa-bc+compressed.webp",
  "images/plain.png",
];

test("pictures are ordered by step; small copies and others are left out", () => {
  const steps = imagesByKey(FILES).get("val/mask") ?? [];
  expect(steps.map((one) => one.step)).toEqual([2, 10]);
  expect([...imagesByKey(FILES).keys()]).toEqual(["val/mask"]);
});

test("between two steps the earlier picture is shown, before all of them the first", () => {
  const steps = imagesByKey(FILES).get("val/mask") ?? [];
  expect(at(steps, 9)?.step).toBe(2);
  expect(at(steps, 0)?.step).toBe(2);
  expect(at([], 0)).toBeUndefined();
});
