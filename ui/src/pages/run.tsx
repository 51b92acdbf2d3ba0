/** One run: what it was given, what came out, its charts and its files. */
import { useQuery } from "@tanstack/preact-query";
import type { Run as RunRecord } from "../api/types";
import { getRun } from "../api/runs";
import { Artifacts } from "../components/artifacts";
import { Chart } from "../components/chart";
import { Facts, Named } from "../components/facts";
import { RunMark } from "../components/marks";
import { Loaded } from "../components/states";
import { duration, number, time } from "../lib/format";
import { link, place } from "../lib/router";

const PARTS = ["overview", "charts", "artifacts"] as const;

export function Run({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ["run", id],
    queryFn: ({ signal }) => getRun(id, signal),
    refetchInterval: ({ state }) => (state.data?.info.status === "RUNNING" ? 3000 : false),
  });
  return <Loaded query={query}>{(run) => <Shown run={run} />}</Loaded>;
}

function Shown({ run }: { run: RunRecord }) {
  const asked = place.value.query.get("tab");
  const part = PARTS.find((one) => one === asked) ?? "overview";
  const { info } = run;
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={link(["experiments"])}>Experiments</a>
        <a href={link(["experiments", info.experiment_id])}>Experiment {info.experiment_id}</a>
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
      {part === "artifacts" && <Artifacts runId={info.run_id} />}
    </>
  );
}

function Overview({ run }: { run: RunRecord }) {
  const { info, data, inputs, outputs } = run;
  const metrics = data?.metrics ?? [];
  const tags = data?.tags ?? [];
  const datasets = inputs?.dataset_inputs ?? [];
  const lost = run.pulse?.lost === true;
  const took = info.end_time ? duration(info.end_time - info.start_time) : "";
  return (
    <>
      <Facts
        rows={[
          ["Started", time(info.start_time)],
          ["Took", took || (lost ? "unknown: its heartbeats stopped" : "still running")],
          ...(lost ? ([["Last heard of", time(run.pulse?.at ?? 0)]] as [string, string][]) : []),
          ["By", info.user_id ?? ""],
          ["Run id", <code>{info.run_id}</code>],
          [
            "Models",
            (outputs?.model_outputs ?? []).map((one) => one.model_id).join(", ") || "none",
          ],
          [
            "Data sets",
            datasets.map(({ dataset }) => `${dataset.name} (${dataset.digest})`).join(", ") ||
              "none",
          ],
        ]}
      />
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
        <Named title="Tags" empty="No tags." rows={tags.map((one) => [one.key, one.value])} />
      </div>
    </>
  );
}

/** Charts beyond the first screenful wait behind a click: a run may have thousands of metrics. */
const FIRST = 12;

function Charts({ run }: { run: RunRecord }) {
  const shown = Number(place.value.query.get("charts") ?? FIRST);
  const keys = (run.data?.metrics ?? []).map((one) => one.key).sort();
  const runs = [{ id: run.info.run_id, name: run.info.run_name }];
  if (keys.length === 0) return <p class="note">No metrics were logged.</p>;
  return (
    <>
      <div class="charts">
        {keys.slice(0, shown).map((key) => (
          <Chart key={key} metric={key} runs={runs} live={run.info.status === "RUNNING"} />
        ))}
      </div>
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
