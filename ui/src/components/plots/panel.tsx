/** The plots of one run, or of several beside each other: curves overlaid, matrices in a row. */
import { useQueries } from "@tanstack/preact-query";
import { getPlots } from "../../api/files";
import type { PlotFile } from "../../lib/plots";
import { Empty, ErrorBox, Skeleton } from "../states";
import { CurvePlot } from "./curve";
import { ImportanceBars } from "./importance";
import { ConfusionMatrix } from "./matrix";

export interface Named {
  id: string;
  name: string;
}

/** What answers the first question stands first. */
const ORDER = ["confusion_matrix", "curve", "importance"];

export function Plots({ runs, quiet = false }: { runs: Named[]; quiet?: boolean }) {
  const queries = useQueries({
    queries: runs.map(({ id }) => ({
      queryKey: ["plots", id],
      queryFn: ({ signal }: { signal: AbortSignal }) => getPlots(id, signal),
      staleTime: 60_000,
    })),
  });
  const failed = queries.find((query) => query.error)?.error;
  if (failed) return <ErrorBox error={failed} />;
  if (queries.some((query) => query.isPending)) return <Skeleton rows={8} />;
  const found = runs.flatMap(({ name }, who) =>
    (queries[who]?.data ?? []).map((file) => ({ run: name, ...file })),
  );
  if (found.length === 0) return quiet ? null : <NoPlots />;
  found.sort((a, b) => ORDER.indexOf(a.plot.kind) - ORDER.indexOf(b.plot.kind));
  const paths = [...new Set(found.map((one) => one.path))];
  return (
    <div class="plots">
      {paths.map((path) => (
        <Group
          key={path}
          several={runs.length > 1}
          files={found.filter((one) => one.path === path)}
        />
      ))}
    </div>
  );
}

function Group({ files, several }: { files: (PlotFile & { run: string })[]; several: boolean }) {
  const curves = files.flatMap(({ run, plot }) => (plot.kind === "curve" ? [{ run, plot }] : []));
  const bars = files.flatMap(({ run, plot }) =>
    plot.kind === "importance" ? [{ run, plot }] : [],
  );
  const matrices = files.flatMap(({ run, plot }) =>
    plot.kind === "confusion_matrix" ? [{ run, plot }] : [],
  );
  return (
    <>
      {curves.length > 0 && <CurvePlot sources={curves} />}
      {bars.length > 0 && <ImportanceBars sources={bars} />}
      {matrices.map(({ run, plot }) => (
        <ConfusionMatrix key={run} plot={plot} {...(several ? { caption: run } : {})} />
      ))}
    </>
  );
}

function NoPlots() {
  return (
    <Empty title="No plots were logged">
      <p>
        <code>mainstay.autolog()</code> logs confusion matrices, ROC and precision-recall curves and
        feature importances as data, and they are drawn here. Your own are drawn too:
      </p>
      <pre>
        <code>{`mainstay.log_dict({"kind": "confusion_matrix",
                   "labels": ["ham", "spam"], "matrix": [[41, 2], [3, 54]]},
                  "plots/test_confusion_matrix.json")`}</code>
      </pre>
    </Empty>
  );
}
