import { expect, test } from "vitest";
import { readRows, readTable } from "./csv";

test("quotes hold commas, line ends and doubled quotes", () => {
  expect(readRows('a,b\r\n"x, ""y""\nz",2\n', ",", 10)).toEqual([
    ["a", "b"],
    ['x, "y"\nz', "2"],
  ]);
});

test("empty cells stay, empty lines go, and the limit holds", () => {
  expect(readRows("a\tb\n\n\t1\n2\t3", "\t", 2)).toEqual([
    ["a", "b"],
    ["", "1"],
  ]);
});

test("a logged table, a list of records, and what is neither", () => {
  const table = { columns: ["q", "n"], data: [["why", null], [{ a: 1 }, 2]] }; // prettier-ignore
  expect(readTable(table)?.rows).toEqual([
    ["why", ""],
    ['{"a":1}', "2"],
  ]);
  expect(readTable([{ a: 1 }, { b: 2 }])).toEqual({
    columns: ["a", "b"],
    rows: [
      ["1", ""],
      ["", "2"],
    ],
  });
  expect(readTable({ labels: [] })).toBeUndefined();
  expect(readTable([1, 2])).toBeUndefined();
});
