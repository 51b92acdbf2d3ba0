// @vitest-environment jsdom
import { expect, test } from "vitest";
import type { Lineage } from "../api/types";
import { graphOf } from "./lineage";

const BARE: Lineage = {
  ...{ name: "churn", version: 3, digest: null, source: "", registered_at: 0 },
  ...{ registered_by: null, aliases: [], copied_from: null, run: null },
  ...{ parents: [], deployments: [] },
};

test("a version of which nothing is known stands alone", () => {
  expect(graphOf(BARE)).toMatchObject({ columns: 1, rows: 1, edges: [] });
});

test("from data and code over the run to aliases and deployments", () => {
  const found = graphOf({
    ...BARE,
    aliases: ["champion", "candidate"],
    run: {
      ...{ run_id: "r1", run_name: "fox" },
      code: { commit: "0123456789abcdef", repository: null, source: null },
      data: [
        {
          ...{ name: "clean", digest: "d1", context: "training" },
          parents: [{ name: "raw", digest: "d0" }],
        },
        { name: "clean", digest: "d1", context: "training" },
      ],
    },
    deployments: [{ deployment: "churn-prod", state: "serving", url: "" }],
  });
  expect(found.boxes.map((one) => [one.column, one.row, one.text])).toEqual([
    [3, 0, "churn v3"],
    [2, 0, "fox"],
    [1, 0, "clean"],
    [0, 0, "raw"],
    [1, 1, "0123456789ab"],
    [4, 0, "@champion"],
    [4, 1, "@candidate"],
    [4, 2, "churn-prod"],
  ]);
  expect(found.edges).toContainEqual(["data d0", "data d1"]);
  expect(found.rows).toBe(3);
});
