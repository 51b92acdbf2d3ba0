import { expect, test } from "vitest";
import { accept, operatorsOf, wantedAt } from "./complete";

const at = (text: string) => wantedAt(text, text.length);

test.each([
  ["", { kind: "field", typed: "", from: 0 }],
  ["met", { kind: "field", typed: "met", from: 0 }],
  ["metrics.", { kind: "key", of: "metric", typed: "", from: 8 }],
  ["params.learn", { kind: "key", of: "param", typed: "learn", from: 7 }],
  ["metrics.auc ", { kind: "operator", field: "metrics.auc", typed: "", from: 12 }],
  ["metrics.auc > ", { kind: "value", field: "metrics.auc", typed: "", from: 14 }],
  ["params.model = 'fo", { kind: "value", field: "params.model", typed: "'fo", from: 15 }],
  ["metrics.auc > 0.9 ", { kind: "joint", typed: "", from: 18 }],
  ["metrics.auc > 0.9 an", { kind: "joint", typed: "an", from: 18 }],
  ["params.a = 'x and y' or tags.", { kind: "key", of: "tag", typed: "", from: 29 }],
  ["(status = 'FAILED' or st", { kind: "field", typed: "st", from: 22 }],
] as const)("at the end of %s", (text, wanted) => expect(at(text)).toEqual(wanted));

test("what is chosen takes the place of what was typed", () => {
  const wanted = at("metrics.a")!;
  expect(accept("metrics.a", wanted, "auc", 9)).toEqual({ text: "metrics.auc ", cursor: 12 });
  const field = at("me")!;
  expect(accept("me", field, "metrics.", 2)).toEqual({ text: "metrics.", cursor: 8 });
});

test("numbers are compared, texts are matched", () => {
  expect(operatorsOf("metrics.auc")).toContain(">=");
  expect(operatorsOf("duration")).toContain("<");
  expect(operatorsOf("params.lr")).toContain("LIKE");
  expect(operatorsOf("params.lr")).not.toContain("<");
});
