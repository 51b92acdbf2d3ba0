/** A look into a file: pictures, plots, tables, Markdown, JSON, text; large files by their beginning. */
import { useQuery } from "@tanstack/preact-query";
import { readText, SHOWN } from "../api/files";
import { artifactAddress } from "../api/runs";
import type { FileInfo } from "../api/types";
import { readRows, readTable, type TableData } from "../lib/csv";
import { bytes } from "../lib/format";
import { type Plot, readPlot } from "../lib/plots";
import { Copy } from "./copy";
import { Picture } from "./gallery";
import { Markdown } from "./markdown";
import { CurvePlot } from "./plots/curve";
import { ImportanceBars } from "./plots/importance";
import { ConfusionMatrix } from "./plots/matrix";
import { ErrorBox, Skeleton } from "./states";

const TEXT =
  /\.(txt|json|jsonl|ya?ml|csv|tsv|md|py|log|toml|cfg|ini|sh|sql|xml|html|lock|diff|patch)$|(^|\/)(MLmodel|MLproject|Dockerfile)$/i;
const PICTURE = /\.(png|jpe?g|gif|webp)$/i;
/** Rows of a table that are drawn at most. */
const ROWS = 200;

interface PreviewProps {
  runId: string;
  path: string;
  info: FileInfo | undefined;
}

export function Preview({ runId, path, info }: PreviewProps) {
  const href = artifactAddress(runId, path);
  return (
    <section class="preview" aria-label={`Preview of ${path}`}>
      <header>
        <strong class="mono">{path}</strong> <Copy text={path} what="path" />
        <span class="muted">{bytes(info?.file_size)}</span>
        <a class="button" href={href} download>
          Download
        </a>
      </header>
      {TEXT.test(path) ? (
        <Text runId={runId} path={path} size={info?.file_size} />
      ) : PICTURE.test(path) ? (
        <Picture runId={runId} path={path} alt={path} />
      ) : (
        <p class="note">This kind of file has no preview; download it to look inside.</p>
      )}
    </section>
  );
}

interface TextProps {
  runId: string;
  path: string;
  size: number | undefined;
}

function Text({ runId, path, size }: TextProps) {
  const query = useQuery({
    queryKey: ["text", runId, path, size],
    queryFn: ({ signal }) => readText(runId, path, size, signal),
  });
  if (query.error) return <ErrorBox error={query.error} />;
  if (!query.data) return <Skeleton rows={8} />;
  const { text, of } = query.data;
  return (
    <>
      {of && (
        <p class="note" role="status">
          The first {bytes(SHOWN)} of {bytes(of)}.
        </p>
      )}
      {text === "" ? <p class="note">The file is empty.</p> : <Shown path={path} text={text} />}
    </>
  );
}

function Shown({ path, text }: { path: string; text: string }) {
  if (/\.md$/i.test(path)) return <Markdown text={text} />;
  const separated = /\.(csv|tsv)$/i.exec(path)?.[1]?.toLowerCase();
  if (separated) {
    const [columns = [], ...rows] = readRows(text, separated === "tsv" ? "\t" : ",", ROWS + 1);
    return <Table table={{ columns, rows }} name={path} />;
  }
  if (/\.json$/i.test(path)) return <Json path={path} text={text} />;
  return <Plain text={text} />;
}

function Json({ path, text }: { path: string; text: string }) {
  const plot = readPlot(path, text);
  const value = parsed(text);
  const table = readTable(value);
  const pretty = value === undefined ? text : JSON.stringify(value, null, 2);
  if (!plot && !table) return <Plain text={pretty} />;
  return (
    <>
      {plot ? <Drawn plot={plot} /> : table && <Table table={table} name={path} />}
      <details>
        <summary>As JSON</summary>
        <Plain text={pretty} />
      </details>
    </>
  );
}

function Drawn({ plot }: { plot: Plot }) {
  if (plot.kind === "confusion_matrix") return <ConfusionMatrix plot={plot} />;
  if (plot.kind === "curve") return <CurvePlot sources={[{ run: "", plot }]} />;
  return <ImportanceBars sources={[{ run: "", plot }]} />;
}

function Plain({ text }: { text: string }) {
  return (
    <pre tabIndex={0}>
      <code>{text}</code>
    </pre>
  );
}

/** Columns of numbers stand to the right, so that their digits stand below each other. */
function Table({ table, name }: { table: TableData; name: string }) {
  const { columns, rows } = table;
  const shown = rows.slice(0, ROWS);
  const numeric = columns.map((_, at) =>
    shown.every((row) => row[at] === "" || Number.isFinite(Number(row[at]))),
  );
  return (
    <>
      <div class="scroller" tabIndex={0} role="region" aria-label={`Rows of ${name}`}>
        <table class="list" aria-label={name}>
          <thead>
            <tr>
              {columns.map((column, at) => (
                <th key={at} scope="col" class={numeric[at] ? "number" : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, place) => (
              <tr key={place}>
                {columns.map((_, at) => (
                  <td key={at} class={numeric[at] ? "number" : undefined} title={row[at]}>
                    {row[at]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">
        {rows.length >= ROWS ? `The first ${ROWS} rows` : `${rows.length} rows`}, {columns.length}{" "}
        columns.
      </p>
    </>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
