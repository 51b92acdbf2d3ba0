/** Markdown as a tree, for the common part of it. Text stays text: no HTML passes through. */

export type Inline =
  | { kind: "text" | "code" | "strong" | "em"; text: string }
  | { kind: "link"; text: string; href: string };

export type Block =
  | { kind: "heading"; level: number; text: Inline[] }
  | { kind: "paragraph"; text: Inline[] }
  | { kind: "quote"; text: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

export function readMarkdown(text: string): Block[] {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks: Block[] = [];
  let place = 0;
  /** Take lines while they fit. */
  const take = (fits: (line: string) => boolean) => {
    const taken: string[] = [];
    while (place < lines.length && fits(lines[place] as string))
      taken.push(lines[place++] as string);
    return taken;
  };
  while (place < lines.length) {
    const line = lines[place] as string;
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (line.trim() === "") place++;
    else if (line.startsWith("```")) {
      place++;
      blocks.push({ kind: "code", text: take((one) => !one.startsWith("```")).join("\n") });
      place++;
    } else if (heading) {
      place++;
      const [, marks = "", said = ""] = heading;
      blocks.push({ kind: "heading", level: marks.length, text: inline(said) });
    } else if (/^\s*([-*_])\s*(\1\s*){2,}$/.test(line)) {
      place++;
      blocks.push({ kind: "rule" });
    } else if (ITEM.test(line)) {
      const items = take((one) => ITEM.test(one)).map((one) => ITEM.exec(one) as RegExpExecArray);
      const ordered = items[0]?.[1] !== undefined;
      blocks.push({ kind: "list", ordered, items: items.map((one) => inline(one[2] ?? "")) });
    } else if (line.startsWith(">")) {
      const said = take((one) => one.startsWith(">")).map((one) => one.replace(/^>\s?/, ""));
      blocks.push({ kind: "quote", text: inline(said.join(" ")) });
    } else if (line.includes("|") && DIVIDER.test(lines[place + 1] ?? "")) {
      place += 2;
      const rows = take((one) => one.includes("|")).map(cells);
      blocks.push({ kind: "table", head: cells(line), rows });
    } else {
      place++;
      const more = take(
        (one) => one.trim() !== "" && !/^(#{1,6}\s|```|>)/.test(one) && !ITEM.test(one),
      );
      blocks.push({ kind: "paragraph", text: inline([line, ...more].join(" ")) });
    }
  }
  return blocks;
}

const cells = (line: string) =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => inline(cell.trim()));

const MARKS =
  /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)/g;

/** Links lead only to http, https and places of this page; anything else stays text. */
function inline(text: string): Inline[] {
  const found: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(MARKS)) {
    if (match.index > from) found.push({ kind: "text", text: text.slice(from, match.index) });
    from = match.index + match[0].length;
    const [whole, code, strong, under, em, said, href] = match;
    if (code !== undefined) found.push({ kind: "code", text: code });
    else if (strong ?? under) found.push({ kind: "strong", text: (strong ?? under) as string });
    else if (em !== undefined) found.push({ kind: "em", text: em });
    else if (!whole.startsWith("!") && /^(https?:\/\/|#)/.test(href ?? "")) {
      found.push({ kind: "link", text: said || (href as string), href: href as string });
    } else found.push({ kind: "text", text: said || whole });
  }
  if (from < text.length) found.push({ kind: "text", text: text.slice(from) });
  return found;
}
