import { expect, test } from "vitest";
import { readMarkdown } from "./markdown";

test("headings, paragraphs, lists, code, tables and rules", () => {
  const found = readMarkdown(
    "# Title\n\none\ntwo\n\n- a\n- b\n\n```py\nx = 1\n```\n\n| a | b |\n|---|:-:|\n| 1 | `2` |\n\n---\n> said\n",
  );
  expect(found.map((one) => one.kind)).toEqual([
    ...["heading", "paragraph", "list", "code", "table", "rule", "quote"],
  ]);
  expect(found[1]).toEqual({ kind: "paragraph", text: [{ kind: "text", text: "one two" }] });
  expect(found[3]).toEqual({ kind: "code", text: "x = 1" });
  expect(found[4]).toMatchObject({ rows: [[[{ text: "1" }], [{ kind: "code", text: "2" }]]] });
});

test("marks inside a line; HTML and links to scripts stay text", () => {
  const [block] = readMarkdown("**b** *e* <b>x</b> [y](javascript:alert) [z](https://a.b/c)");
  expect(block).toEqual({
    kind: "paragraph",
    text: [
      { kind: "strong", text: "b" },
      { kind: "text", text: " " },
      { kind: "em", text: "e" },
      { kind: "text", text: " <b>x</b> " },
      { kind: "text", text: "y" },
      { kind: "text", text: " " },
      { kind: "link", text: "z", href: "https://a.b/c" },
    ],
  });
});

test("an open code block ends with the text", () => {
  expect(readMarkdown("```\nx")).toEqual([{ kind: "code", text: "x" }]);
});
