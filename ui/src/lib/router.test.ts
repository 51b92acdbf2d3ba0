// @vitest-environment jsdom
import { expect, test } from "vitest";
import { link, read } from "./router";

test("a link read again gives what it was made of", () => {
  const found = read(
    link(["experiments", "7", "a/b c"], { filter: "metrics.auc > 0.9 & x", run: ["1", "2"] }),
  );
  expect(found.path).toEqual(["experiments", "7", "a/b c"]);
  expect(found.query.get("filter")).toBe("metrics.auc > 0.9 & x");
  expect(found.query.getAll("run")).toEqual(["1", "2"]);
});

test("empty parts of a query are left out", () => {
  expect(link(["models"], { filter: "" })).toBe("#/models");
});

test("no hash is the front page", () => expect(read("").path).toEqual([]));
