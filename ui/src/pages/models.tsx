/** Every registered model, and who holds which of its aliases. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { searchModels } from "../api/registry";
import type { RegisteredModel } from "../api/types";
import { Code } from "../components/copy";
import { Alias } from "../components/marks";
import { Empty, Loaded } from "../components/states";
import { ago, time } from "../lib/format";
import { link } from "../lib/router";

export function Models() {
  const [wanted, setWanted] = useState("");
  const query = useQuery({
    queryKey: ["models"],
    queryFn: ({ signal }) => searchModels("", signal),
  });
  return (
    <>
      <h1>Models</h1>
      <Loaded query={query}>
        {(models) =>
          models.length === 0 ? (
            <Empty title="No model is registered">
              <p>Register one that a run logged:</p>
              <Code
                what="command that registers a model"
                text="mainstay models register runs:/RUN_ID/model --name churn"
              />
            </Empty>
          ) : (
            <>
              <search>
                <input
                  type="search"
                  aria-label="Find models by name"
                  placeholder="Find by name"
                  value={wanted}
                  onInput={(event) => setWanted(event.currentTarget.value)}
                />
              </search>
              <List
                models={models.filter((one) =>
                  one.name.toLowerCase().includes(wanted.toLowerCase()),
                )}
              />
            </>
          )
        }
      </Loaded>
    </>
  );
}

function List({ models }: { models: RegisteredModel[] }) {
  if (models.length === 0) return <p class="note">No model has such a name.</p>;
  return (
    <table class="list" aria-label="Registered models">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Aliases</th>
          <th scope="col">Latest</th>
          <th scope="col">Changed</th>
          <th scope="col">Description</th>
        </tr>
      </thead>
      <tbody>
        {models.map((model) => (
          <tr key={model.name}>
            <td>
              <a href={link(["models", model.name])}>{model.name}</a>
            </td>
            <td>
              {(model.aliases ?? []).map(({ alias, version }) => (
                <a key={alias} class="holder" href={link(["models", model.name, version])}>
                  <Alias name={alias} /> v{version}
                </a>
              ))}
            </td>
            <td>
              {Math.max(0, ...(model.latest_versions ?? []).map((v) => Number(v.version))) ||
                "none"}
            </td>
            <td title={time(model.last_updated_timestamp)}>{ago(model.last_updated_timestamp)}</td>
            <td class="wrap muted">{model.description}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
