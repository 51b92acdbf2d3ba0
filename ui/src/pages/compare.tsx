/** Several runs side by side: values, charts on one axis, plots, and runs as points and lines. */
import { useQueries, useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { getExperiment, getRun } from "../api/runs";
import type { Run } from "../api/types";
import { Chart } from "../components/chart";
import { ChartTools, found, useDrawing } from "../components/charttools";
import { Gallery } from "../components/gallery";
import { Parallel } from "../components/parallel";
import { Plots } from "../components/plots/panel";
import { Scatter } from "../components/scatter";
import { Empty, ErrorBox, Skeleton } from "../components/states";
import { cell, type Column, columnsOf, differing } from "../lib/columns";
import { link, place } from "../lib/router";

const FIRST = 9;
/** Runs whose plots are read and drawn beside each other at most. */
const DRAWN = 12;

export function Compare() {
  const ids = place.value.query.getAll("run");
  const queries = useQueries({
    queries: ids.map((id) => ({
      queryKey: ["run", id],
      queryFn: ({ signal }: { signal: AbortSignal }) => getRun(id, signal),
    })),
  });
  const failed = queries.find((query) => query.error)?.error;
  if (failed) return <ErrorBox error={failed} />;
  const runs = queries.flatMap((query) => (query.data ? [query.data] : []));
  if (ids.length < 2) {
    return (
      <Empty title="Nothing to compare">
        <p>Select two or more runs in the table of an experiment, then choose Compare.</p>
      </Empty>
    );
  }
  if (runs.length < ids.length) return <Skeleton rows={10} />;
  return <Side runs={runs} />;
}

function Side({ runs }: { runs: Run[] }) {
  const [onlyDiffering, setOnlyDiffering] = useState(true);
  const drawing = useDrawing();
  const [count, setCount] = useState(FIRST);
  const all = columnsOf(runs);
  const apart = differing(runs, all);
  const shown = onlyDiffering ? apart : all;
  const metrics = found(all.filter((one) => one.numeric).map((one) => one.title));
  const named = runs.map((run) => ({ id: run.info.run_id, name: run.info.run_name }));
  const experiment = runs[0]?.info.experiment_id ?? "";
  const home = useQuery({
    queryKey: ["experiment", experiment],
    queryFn: ({ signal }) => getExperiment(experiment, signal),
  });
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={link(["experiments"])}>Experiments</a>
        <a href={link(["experiments", experiment])}>
          {home.data?.name ?? `Experiment ${experiment}`}
        </a>
      </nav>
      <h1>Compare {runs.length} runs</h1>
      <label>
        <input
          type="checkbox"
          checked={onlyDiffering}
          onChange={(event) => setOnlyDiffering(event.currentTarget.checked)}
        />{" "}
        only what differs
      </label>
      <Values title="Metrics" runs={runs} columns={shown.filter((one) => one.numeric)} />
      <Values title="Parameters" runs={runs} columns={shown.filter((one) => !one.numeric)} />
      {runs.length > 2 && (
        <>
          <h2>Relations</h2>
          <Parallel runs={runs} columns={apart} />
          <Scatter runs={runs} columns={apart} />
        </>
      )}
      <h2>Charts</h2>
      <ChartTools drawing={drawing} find />
      <div class="charts">
        {metrics.slice(0, count).map((key) => (
          <Chart key={key} metric={key} runs={named} drawing={drawing} />
        ))}
      </div>
      {metrics.length > count && (
        <p class="note">
          {count} of {metrics.length} metrics.{" "}
          <button onClick={() => setCount(count * 2)}>Show more</button>
        </p>
      )}
      <h2>Plots</h2>
      {named.length > DRAWN && (
        <p class="note">
          Of the first {DRAWN} of {named.length} runs.
        </p>
      )}
      <Plots runs={named.slice(0, DRAWN)} />
      <Gallery runs={named.slice(0, DRAWN)} />
    </>
  );
}

interface ValuesProps {
  title: string;
  runs: Run[];
  columns: Column[];
}

function Values({ title, runs, columns }: ValuesProps) {
  const align = (column: Column | undefined) => (column?.numeric ? "number" : undefined);
  return (
    <section>
      <h2>
        {title} <span class="muted">({columns.length})</span>
      </h2>
      {columns.length === 0 ? (
        <p class="note">None differs.</p>
      ) : (
        <div class="scroller" tabIndex={0} role="region" aria-label={title}>
          <table class="list compare" aria-label={title}>
            <thead>
              <tr>
                <th scope="col">Name</th>
                {runs.map((run) => (
                  <th scope="col" key={run.info.run_id} class={align(columns[0])}>
                    <a href={link(["runs", run.info.run_id])}>{run.info.run_name}</a>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {columns.map((column) => (
                <tr key={column.field}>
                  <th scope="row">{column.title}</th>
                  {runs.map((run) => (
                    <td key={run.info.run_id} class={align(column)}>
                      {cell(run, column)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
