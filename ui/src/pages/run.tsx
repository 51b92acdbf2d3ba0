/** One run: what it was given, what came out, its charts, plots and files. */
import { useQuery } from "@tanstack/preact-query";
import type { Run as RunRecord } from "../api/types";
import { getExperiment, getRun } from "../api/runs";
import { Artifacts } from "../components/artifacts";
import { Chart } from "../components/chart";
import { ChartTools, found, useDrawing } from "../components/charttools";
import { Children } from "../components/children";
import { Code, CopyId } from "../components/copy";
import { Facts, Named } from "../components/facts";
import { Gallery } from "../components/gallery";
import { RunMark } from "../components/marks";
import { Plots } from "../components/plots/panel";
import { Empty, Loaded } from "../components/states";
import { ago, duration, number, time } from "../lib/format";
import { link, place } from "../lib/router";

const PARTS = ["overview", "charts", "plots", "artifacts"] as const;

export function Run({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ["run", id],
    queryFn: ({ signal }) => getRun(id, signal),
    refetchInterval: ({ state }) => (state.data?.info.status === "RUNNING" ? 3000 : false),
  });
  return (
    <Loaded query={query} rows={12}>
      {(run) => <Shown run={run} />}
    </Loaded>
  );
}

function Shown({ run }: { run: RunRecord }) {
  const asked = place.value.query.get("tab");
  const part = PARTS.find((one) => one === asked) ?? "overview";
  const { info } = run;
  const experiment = useQuery({
    queryKey: ["experiment", info.experiment_id],
    queryFn: ({ signal }) => getExperiment(info.experiment_id, signal),
  });
  const parent = run.data?.tags?.find((one) => one.key === "mlflow.parentRunId")?.value;
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={link(["experiments"])}>Experiments</a>
        <a href={link(["experiments", info.experiment_id])}>
          {experiment.data?.name ?? `Experiment ${info.experiment_id}`}
        </a>
        {parent && <a href={link(["runs", parent])}>Parent run</a>}
      </nav>
      <h1>
        {info.run_name} <RunMark run={run} />
      </h1>
      <nav class="tabs" aria-label="Parts of the run">
        {PARTS.map((one) => (
          <a
            key={one}
            href={link(["runs", info.run_id], { tab: one })}
            aria-current={one === part ? "page" : undefined}
          >
            {one[0]?.toUpperCase() + one.slice(1)}
          </a>
        ))}
      </nav>
      {part === "overview" && <Overview run={run} />}
      {part === "charts" && <Charts run={run} />}
      {part === "plots" && <Drawn run={run} />}
      {part === "artifacts" && <Artifacts runId={info.run_id} />}
    </>
  );
}

function Overview({ run }: { run: RunRecord }) {
  const { info, data, inputs, outputs } = run;
  const metrics = data?.metrics ?? [];
  const own = /^(mlflow|mainstay)\./;
  const tags = (data?.tags ?? []).filter((one) => !own.test(one.key));
  const system = (data?.tags ?? []).filter((one) => own.test(one.key));
  const datasets = inputs?.dataset_inputs ?? [];
  const models = outputs?.model_outputs ?? [];
  const lost = run.pulse?.lost === true;
  const took = info.end_time ? duration(info.end_time - info.start_time) : "";
  return (
    <>
      <Facts
        rows={[
          ["Started", <span title={time(info.start_time)}>{ago(info.start_time)}</span>],
          ["Took", took || (lost ? "unknown: its heartbeats stopped" : "still running")],
          ...(lost ? ([["Last heard of", time(run.pulse?.at ?? 0)]] as [string, string][]) : []),
          ["By", info.user_id ?? ""],
          ["Run id", <CopyId id={info.run_id} what="run id" />],
          [
            "Data sets",
            datasets.map(({ dataset }) => `${dataset.name} (${dataset.digest})`).join(", ") ||
              "none",
          ],
        ]}
      />
      {models.map((one) => (
        <section key={one.model_id} aria-label={`Model ${one.model_id}`}>
          <h2>
            Model <CopyId id={one.model_id} what="model id" />
          </h2>
          <Code
            what="code that loads the model"
            text={`import mainstay

mainstay.set_tracking_uri("${location.origin}")
model = mainstay.pyfunc.load_model("models:/${one.model_id}")`}
          />
        </section>
      ))}
      <Children run={run} />
      <div class="columns">
        <Named
          title="Metrics"
          empty="No metrics were logged."
          rows={metrics.map((one) => [one.key, <span class="number">{number(one.value)}</span>])}
        />
        <Named
          title="Parameters"
          empty="No parameters were logged."
          rows={(data?.params ?? []).map((one) => [one.key, one.value])}
        />
        <div>
          <Named title="Tags" empty="No tags." rows={tags.map((one) => [one.key, one.value])} />
          {system.length > 0 && (
            <details>
              <summary>{system.length} tags of the system</summary>
              <Named title="System" empty="" rows={system.map((one) => [one.key, one.value])} />
            </details>
          )}
        </div>
      </div>
    </>
  );
}

/** Charts beyond the first screenful wait behind a click: a run may have thousands of metrics. */
const FIRST = 12;

function Charts({ run }: { run: RunRecord }) {
  const drawing = useDrawing();
  const shown = Number(place.value.query.get("charts") ?? FIRST);
  const all = (run.data?.metrics ?? []).map((one) => one.key).sort();
  const runs = [{ id: run.info.run_id, name: run.info.run_name }];
  if (all.length === 0) {
    return (
      <Empty title="No metrics were logged">
        <Code text={`mainstay.log_metric("loss", 0.1, step=1)`} what="code that logs a metric" />
      </Empty>
    );
  }
  const keys = found(all);
  return (
    <>
      <ChartTools drawing={drawing} find={all.length > 6} />
      <div class="charts">
        {keys.slice(0, shown).map((key) => (
          <Chart
            key={key}
            metric={key}
            runs={runs}
            live={run.info.status === "RUNNING"}
            drawing={drawing}
          />
        ))}
      </div>
      {keys.length === 0 && <p class="note">None of {all.length} metrics has such a name.</p>}
      {keys.length > shown && (
        <p>
          {shown} of {keys.length} metrics.{" "}
          <a href={link(["runs", run.info.run_id], { tab: "charts", charts: String(shown * 2) })}>
            Show more
          </a>
        </p>
      )}
    </>
  );
}

function Drawn({ run }: { run: RunRecord }) {
  const runs = [{ id: run.info.run_id, name: run.info.run_name }];
  const pictures = run.data?.tags?.some((one) => one.key === "mlflow.loggedImages") ?? false;
  return (
    <>
      <Plots runs={runs} quiet={pictures} />
      <Gallery runs={runs} />
    </>
  );
}
