import { describe, expect, test } from "vitest";
import { moveProblem } from "./aliases";

describe("names of aliases", () => {
  test.each(["champion", "shadow-2", "A_b"])("%s may be moved", (alias) => {
    expect(moveProblem(alias)).toBe("");
  });
  test.each(["", "a b", "a/b", "latest", "Latest", "v1", "V22"])("%s may not", (alias) => {
    expect(moveProblem(alias)).not.toBe("");
  });
});
