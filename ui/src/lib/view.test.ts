import { expect, test } from "vitest";
import { columnOf, HEAD } from "./columns";
import { columnsIn, orderBy, readView, widthOf } from "./view";

const view = (text: string) => readView(new URLSearchParams(text));

test("nothing said is the usual view: the newest first, no group, all columns", () => {
  const found = view("");
  expect(found.chosen).toBeUndefined();
  expect(orderBy(found)).toEqual(["attributes.start_time DESC"]);
  expect(columnsIn(found, [columnOf("metrics.auc")]).map((one) => one.title)).toEqual([
    ...HEAD.map((one) => one.title),
    "auc",
  ]);
});

test("chosen columns replace the rest, pinned ones come first", () => {
  const found = view("col=params.a&col=metrics.`b c`&pin=metrics.`b c`");
  expect(columnsIn(found, []).map((one) => one.title)).toEqual([
    ...["Run", "b c", "Status", "Started", "a"],
  ]);
});

test("a group is sorted by before all else", () => {
  expect(orderBy(view("group=params.model&order=metrics.auc desc"))).toEqual([
    "params.model ASC",
    "metrics.auc DESC",
  ]);
});

test("widths stay within reason, and nonsense is passed over", () => {
  const found = view("width=metrics.a:9999&width=metrics.b:100&width=x");
  expect(widthOf(found, columnOf("metrics.a"))).toBe(800);
  expect(widthOf(found, columnOf("metrics.b"))).toBe(100);
});
