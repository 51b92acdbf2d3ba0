import { expect, test } from "vitest";
import type { AliasChange } from "../api/types";
import { stretchesOf } from "./timeline";

const move = (change_id: number, alias: string, version: number | null): AliasChange => ({
  ...{ change_id, name: "m", alias, previous: null, version, principal: "ada", reason: "" },
  ...{ kind: "set", verdict_id: null, at: change_id },
});

test("a stretch ends with the next move of its alias, the last one is current", () => {
  const { moves, stretches } = stretchesOf([
    ...[move(3, "b", null), move(1, "a", 1), move(2, "b", 1), move(4, "a", 2)],
  ]);
  expect(moves).toHaveLength(4);
  expect(stretches.map((one) => [one.alias, one.version, one.from, one.to, one.current])).toEqual([
    ["a", 1, 0, 3, false],
    ["b", 1, 1, 2, false],
    ["a", 2, 3, 4, true],
  ]);
});
