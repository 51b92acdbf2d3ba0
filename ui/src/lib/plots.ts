/** What autolog writes to be drawn, read once at the border. The form: docs/autolog.md, "Plots are data". */

export interface Matrix {
  kind: "confusion_matrix";
  title: string;
  labels: string[];
  /** Rows are the truth, columns the predictions. */
  matrix: number[][];
}

export interface CurveLine {
  name: string;
  area: number | undefined;
  x: number[];
  y: number[];
  /** y at the least and the greatest x of what guessing reaches. */
  baseline: [number, number] | undefined;
}

export interface Curve {
  kind: "curve";
  title: string;
  xLabel: string;
  yLabel: string;
  areaLabel: string;
  lines: CurveLine[];
}

export interface Importance {
  kind: "importance";
  title: string;
  measure: string;
  /** How many features there are; those beyond `names` were not written. */
  of: number;
  names: string[];
  values: number[];
  /** Of a linear model of several classes: each class's own values. */
  classes: { name: string; values: number[] }[];
}

export type Plot = Matrix | Curve | Importance;

export interface PlotFile {
  path: string;
  plot: Plot;
}

const IMPORTANCE = /^(?:plots\/)?feature_importance_(.+)\.json$/;

/** Which of a run's files may be plots; MLflow's importance gives way to the fuller file in plots/. */
export function plotPaths(files: string[]): string[] {
  const known = new Set(files);
  return files
    .filter(
      (path) =>
        /^plots\/[^/]+\.json$/.test(path) ||
        /^[^/]*confusion_matrix\.json$/.test(path) ||
        (IMPORTANCE.test(path) && !known.has(`plots/${path}`)),
    )
    .sort();
}

/** A plot of a known kind, or nothing: a kind that is not known is passed over. */
export function readPlot(path: string, text: string): Plot | undefined {
  const found = parse(text);
  if (typeof found !== "object" || found === null) return undefined;
  const said = found as Record<string, unknown>;
  const kind = said.kind ?? (said.matrix ? "confusion_matrix" : undefined);
  if (kind === "confusion_matrix") return readMatrix(path, said);
  if (kind === "curve") return readCurve(path, said);
  if (kind === "importance") return readImportance(path, said);
  return kind === undefined && IMPORTANCE.test(path) ? readPlain(path, said) : undefined;
}

/** Python writes NaN and Infinity bare, which JSON does not know. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return JSON.parse(text.replace(/(?<=[[,:\s])(NaN|-?Infinity)(?=[\],}\s])/g, "null"));
    } catch {
      return undefined;
    }
  }
}

function readMatrix(path: string, said: Record<string, unknown>): Matrix | undefined {
  const matrix = list(said.matrix).map(numbers);
  const labels = texts(said.labels);
  if (labels.length === 0 || matrix.length !== labels.length) return undefined;
  if (matrix.some((row) => row.length !== labels.length)) return undefined;
  return { kind: "confusion_matrix", title: text(said.title) || titleOf(path), labels, matrix };
}

function readCurve(path: string, said: Record<string, unknown>): Curve | undefined {
  const lines = list(said.lines).flatMap((one) => {
    const line = (one ?? {}) as Record<string, unknown>;
    const [x, y] = [numbers(line.x), numbers(line.y)];
    const [from, to] = numbers(line.baseline);
    if (x.length === 0 || x.length !== y.length) return [];
    const area = typeof line.area === "number" ? line.area : undefined;
    const baseline: [number, number] | undefined =
      from === undefined || to === undefined ? undefined : [from, to];
    return [{ name: text(line.name), area, x, y, baseline }];
  });
  if (lines.length === 0) return undefined;
  return {
    ...{ kind: "curve", title: text(said.title) || titleOf(path), lines },
    ...{ xLabel: text(said.x_label) || "x", yLabel: text(said.y_label) || "y" },
    areaLabel: text(said.area_label) || "area",
  };
}

function readImportance(path: string, said: Record<string, unknown>): Importance | undefined {
  const names = texts(said.names);
  const values = numbers(said.values);
  if (names.length === 0 || values.length !== names.length) return undefined;
  const classes = readClasses(said.classes).filter((one) => one.values.length === names.length);
  return {
    ...{ kind: "importance", title: text(said.title) || titleOf(path), names, values, classes },
    measure: text(said.measure) || "importance",
    of: typeof said.of === "number" ? said.of : names.length,
  };
}

function readClasses(said: unknown): { name: string; values: number[] }[] {
  if (Array.isArray(said)) {
    return said.map((one: Record<string, unknown>) => ({
      name: text(one?.name),
      values: numbers(one?.values),
    }));
  }
  return Object.entries((said ?? {}) as object).map(([name, values]) => ({
    name,
    values: numbers(values),
  }));
}

function readPlain(path: string, said: Record<string, unknown>): Importance | undefined {
  const values = Object.values(said).map(Number);
  const names = Object.keys(said);
  if (names.length === 0 || values.some(Number.isNaN)) return undefined;
  const measure = IMPORTANCE.exec(path)?.[1] ?? "importance";
  return {
    ...{ kind: "importance", title: `Feature importance (${measure})`, measure },
    ...{ names, values, of: names.length, classes: [] },
  };
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const texts = (value: unknown) => list(value).map(text);
const numbers = (value: unknown) => list(value).map((one) => (one === null ? NaN : Number(one)));

function text(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}

function titleOf(path: string): string {
  const name = path.replace(/^.*\//, "").replace(/\.json$/, "");
  return name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase());
}
