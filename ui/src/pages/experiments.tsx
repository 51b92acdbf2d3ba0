/** Every experiment, and what to do when there is none. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { searchExperiments } from "../api/runs";
import { Code, CopyId } from "../components/copy";
import { Empty, Loaded } from "../components/states";
import { ago, time } from "../lib/format";
import { link } from "../lib/router";

export function Experiments() {
  const [wanted, setWanted] = useState("");
  const query = useQuery({
    queryKey: ["experiments"],
    queryFn: ({ signal }) => searchExperiments(signal),
  });
  return (
    <>
      <h1>Experiments</h1>
      <Loaded query={query}>
        {(experiments) => {
          const shown = experiments.filter((one) =>
            one.name.toLowerCase().includes(wanted.toLowerCase()),
          );
          return experiments.length === 0 ? (
            <FirstRun />
          ) : (
            <>
              <search>
                <input
                  type="search"
                  placeholder="Find by name"
                  aria-label="Find experiments by name"
                  value={wanted}
                  onInput={(event) => setWanted(event.currentTarget.value)}
                />
                <span class="muted">
                  {shown.length} of {experiments.length}
                </span>
              </search>
              {shown.length === 0 && <p class="note">No experiment has such a name.</p>}
              <table class="list" aria-label="Experiments">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">Changed</th>
                    <th scope="col">Id</th>
                  </tr>
                </thead>
                <tbody>
                  {shown.map((one) => (
                    <tr key={one.experiment_id}>
                      <td>
                        <a href={link(["experiments", one.experiment_id])}>{one.name}</a>
                      </td>
                      <td title={time(one.last_update_time)}>{ago(one.last_update_time)}</td>
                      <td>
                        <CopyId id={one.experiment_id} what={`id of ${one.name}`} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {experiments.length === 1 && <FirstRun />}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function FirstRun() {
  return (
    <Empty title="Record a run">
      <p>Add one line to a training script, and point it here:</p>
      <Code
        what="code that records a run"
        text={`import mainstay

mainstay.set_tracking_uri("${location.origin}")
mainstay.autolog()`}
      />
    </Empty>
  );
}
