/** Delimited text as rows (RFC 4180: quotes hold delimiters, line ends and doubled quotes). */

export function readRows(text: string, delimiter: string, limit: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const end = () => {
    row.push(cell);
    if (row.length > 1 || row[0] !== "") rows.push(row);
    [row, cell] = [[], ""];
  };
  for (let place = 0; place < text.length && rows.length < limit; place++) {
    const mark = text[place] as string;
    if (quoted) {
      if (mark !== '"') cell += mark;
      else if (text[place + 1] === '"') cell += text[++place];
      else quoted = false;
    } else if (mark === '"' && cell === "") quoted = true;
    else if (mark === delimiter) {
      row.push(cell);
      cell = "";
    } else if (mark === "\n") end();
    else if (mark !== "\r") cell += mark;
  }
  if (rows.length < limit && (cell !== "" || row.length > 0)) end();
  return rows;
}

export interface TableData {
  columns: string[];
  rows: string[][];
}

/** A table as `log_table` and pandas' "split" write it, or a list of records; else nothing. */
export function readTable(value: unknown): TableData | undefined {
  if (Array.isArray(value)) return readRecords(value);
  const { columns, data } = (value ?? {}) as { columns?: unknown; data?: unknown };
  if (!Array.isArray(columns) || !Array.isArray(data) || !data.every(Array.isArray)) {
    return undefined;
  }
  return { columns: columns.map(say), rows: data.map((row: unknown[]) => row.map(say)) };
}

function readRecords(value: unknown[]): TableData | undefined {
  const flat = value.every((one) => typeof one === "object" && one !== null && !Array.isArray(one));
  if (value.length === 0 || !flat) return undefined;
  const records = value as Record<string, unknown>[];
  const columns = [...new Set(records.flatMap((one) => Object.keys(one)))];
  return { columns, rows: records.map((one) => columns.map((name) => say(one[name]))) };
}

function say(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
