/** What could stand at the cursor of a filter: the grammar of docs/search.md, read only so far. */

export type Wanted =
  | { kind: "field"; typed: string; from: number }
  | { kind: "key"; of: "metric" | "param" | "tag"; typed: string; from: number }
  | { kind: "operator"; field: string; typed: string; from: number }
  | { kind: "value"; field: string; typed: string; from: number }
  | { kind: "joint"; typed: string; from: number };

export const FIELDS = [
  ...["metrics.", "params.", "tags.", "status", "start_time", "end_time", "duration"],
  ...["run_name", "run_id", "user_id", "dataset.name", "dataset.digest"],
];
const NUMBERS = ["=", "!=", "<", "<=", ">", ">="];
const TEXTS = ["=", "!=", "LIKE", "ILIKE", "IN", "IS NULL", "IS NOT NULL"];
export const STATUSES = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];
const KINDS = { metrics: "metric", params: "param", tags: "tag" } as const;

const FIELD =
  '(?:(?:metrics|params|tags|attributes|dataset)\\.(?:`[^`]*`|"[^"]*"|[\\w./-]+)|[a-z_]+)';
const OPERATOR = "(?:[=!<>]=?|NOT\\s+IN|I?LIKE|IN)";

export function wantedAt(text: string, cursor: number): Wanted | undefined {
  const before = text.slice(0, cursor);
  const clause = before.split(/\b(?:and|or|not)\s+(?=[^']*(?:'[^']*'[^']*)*$)|\(/i).at(-1) ?? "";
  const start = before.length - clause.length;
  const at = (typed: string) => cursor - typed.length;
  const key = /^\s*(metrics|params|tags)\.(`?[^\s`=<>!]*)$/i.exec(clause);
  if (key) {
    const [, kind = "", typed = ""] = key;
    const of = KINDS[kind.toLowerCase() as keyof typeof KINDS];
    return { kind: "key", of, typed: typed.replace("`", ""), from: at(typed) };
  }
  const field = /^\s*([\w.]*)$/.exec(clause);
  if (field) {
    const typed = field[1] ?? "";
    return { kind: "field", typed, from: start + (clause.length - typed.length) };
  }
  const operator = new RegExp(`^\\s*(${FIELD})\\s+([^\\s'"\\d]*)$`, "i").exec(clause);
  if (operator && !new RegExp(`^${OPERATOR}$`, "i").test(operator[2] ?? "")) {
    const typed = operator[2] ?? "";
    return { kind: "operator", field: operator[1] as string, typed, from: at(typed) };
  }
  const value = new RegExp(`^\\s*(${FIELD})\\s*${OPERATOR}\\s*('?[^']*)$`, "i").exec(clause);
  if (value) {
    const typed = value[2] ?? "";
    // A number that is followed by a blank is done.
    if (!/^[\d.e+-]+\s+\w*$/i.test(typed)) {
      return { kind: "value", field: value[1] as string, typed, from: at(typed) };
    }
  }
  const joint = /(?:'|\d|\)|null)\s+(\w*)$/i.exec(before);
  return joint ? { kind: "joint", typed: joint[1] ?? "", from: at(joint[1] ?? "") } : undefined;
}

export function operatorsOf(field: string): string[] {
  return /^(metrics\.|(attributes\.)?(start_time|end_time|duration)$)/.test(field)
    ? NUMBERS
    : TEXTS;
}

/** The text and the cursor after `chosen` took the place of what was typed. */
export function accept(text: string, wanted: Wanted, chosen: string, cursor: number) {
  // What ends in a dot goes on; anything else is followed by a blank.
  const said = chosen.endsWith(".") ? chosen : `${chosen} `;
  const next = text.slice(0, wanted.from) + said + text.slice(cursor).replace(/^ /, "");
  return { text: next, cursor: wanted.from + said.length };
}
