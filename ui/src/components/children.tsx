/** The runs nested in a run: of a search over parameters, or of folds. */
import { useQuery } from "@tanstack/preact-query";
import { searchRuns } from "../api/runs";
import type { Run } from "../api/types";
import { cell, columnsOf, differing } from "../lib/columns";
import { link } from "../lib/router";
import { RunMark } from "./marks";

/** Columns beside the name: what tells the runs apart, up to a width that fits. */
const COLUMNS = 6;
const ROWS = 20;

export function Children({ run }: { run: Run }) {
  const { run_id: id, experiment_id: experiment } = run.info;
  const filter = `tags.\`mlflow.parentRunId\` = '${id}'`;
  const query = useQuery({
    queryKey: ["children", id],
    queryFn: ({ signal }) =>
      searchRuns(experiment, filter, ["attributes.start_time ASC"], undefined, signal),
    refetchInterval: run.info.status === "RUNNING" ? 5000 : false,
  });
  const runs = query.data?.runs ?? [];
  if (runs.length === 0) return null;
  const columns = differing(runs, columnsOf(runs)).slice(0, COLUMNS);
  const all = link(["experiments", experiment], { filter });
  return (
    <section>
      <h2>
        Nested runs{" "}
        <span class="muted">
          ({runs.length}
          {query.data?.token ? "+" : ""})
        </span>
      </h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Nested runs">
        <table class="list" aria-label="Nested runs">
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col">Status</th>
              {columns.map((one) => (
                <th key={one.field} scope="col" class={one.numeric ? "number" : undefined}>
                  {one.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.slice(0, ROWS).map((one) => (
              <tr key={one.info.run_id}>
                <td>
                  <a href={link(["runs", one.info.run_id])}>{one.info.run_name}</a>
                </td>
                <td>
                  <RunMark run={one} />
                </td>
                {columns.map((column) => (
                  <td key={column.field} class={column.numeric ? "number" : undefined}>
                    {cell(one, column)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">
        <a href={all}>Sort, filter and compare them in the table of runs</a>
      </p>
    </section>
  );
}
