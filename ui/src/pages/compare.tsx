/** Several runs side by side: parameters and metrics, and their charts on one axis. */
import { useQueries } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { getRun } from "../api/runs";
import type { Run } from "../api/types";
import { Chart } from "../components/chart";
import { Empty, ErrorBox } from "../components/states";
import { cell, columnsOf, differing } from "../lib/columns";
import { link, place } from "../lib/router";

const FIRST = 8;

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
  if (runs.length < ids.length) return <p class="waiting">Loading…</p>;
  return <Side runs={runs} />;
}

function Side({ runs }: { runs: Run[] }) {
  const [onlyDiffering, setOnlyDiffering] = useState(true);
  const all = columnsOf(runs);
  const shown = onlyDiffering ? differing(runs, all) : all;
  const kinds: [string, typeof shown][] = [
    ["Metrics", shown.filter((one) => one.numeric)],
    ["Parameters", shown.filter((one) => !one.numeric)],
  ];
  const metrics = all.filter((one) => one.numeric).map((one) => one.title);
  const named = runs.map((run) => ({ id: run.info.run_id, name: run.info.run_name }));
  const [count, setCount] = useState(FIRST);
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={link(["experiments"])}>Experiments</a>
        <a href={link(["experiments", runs[0]?.info.experiment_id ?? ""])}>
          Experiment {runs[0]?.info.experiment_id}
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
      {kinds.map(([title, columns]) => (
        <section key={title}>
          <h2>
            {title} <span class="muted">({columns.length})</span>
          </h2>
          <div class="scroller" tabIndex={0} role="region" aria-label={title}>
            <table class="list compare" aria-label={title}>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  {runs.map((run) => (
                    <th
                      scope="col"
                      key={run.info.run_id}
                      class={columns[0]?.numeric ? "number" : undefined}
                    >
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
                      <td key={run.info.run_id} class={column.numeric ? "number" : undefined}>
                        {cell(run, column)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
      <h2>Charts</h2>
      <div class="charts">
        {metrics.slice(0, count).map((key) => (
          <Chart key={key} metric={key} runs={named} />
        ))}
      </div>
      {metrics.length > count && (
        <p>
          {count} of {metrics.length} metrics.{" "}
          <button onClick={() => setCount(count * 2)}>Show more</button>
        </p>
      )}
    </>
  );
}
