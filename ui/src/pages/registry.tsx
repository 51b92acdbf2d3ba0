/** Registered models: versions, who holds which alias, verdicts, and how aliases moved. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import {
  aliasHistory,
  getModel,
  listPolicies,
  listVerdicts,
  listVersions,
  searchModels,
} from "../api/registry";
import type { AliasChange, ModelVersion, Policy, Verdict } from "../api/types";
import { Alias } from "../components/marks";
import { Empty, Loaded } from "../components/states";
import { Checks, Passed } from "../components/verdict";
import { ago, time } from "../lib/format";
import { link } from "../lib/router";

export function Models() {
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
              <pre>
                <code>{`mainstay models register runs:/RUN_ID/model --name churn`}</code>
              </pre>
            </Empty>
          ) : (
            <table class="list" aria-label="Registered models">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Aliases</th>
                  <th scope="col">Latest</th>
                  <th scope="col">Changed</th>
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
                        <span key={alias}>
                          <Alias name={alias} /> → {version}{" "}
                        </span>
                      ))}
                    </td>
                    <td>
                      {Math.max(
                        0,
                        ...(model.latest_versions ?? []).map((v) => Number(v.version)),
                      ) || "none"}
                    </td>
                    <td>{ago(model.last_updated_timestamp)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </>
  );
}

export function Model({ name }: { name: string }) {
  const model = useQuery({
    queryKey: ["model", name],
    queryFn: ({ signal }) => getModel(name, signal),
    refetchInterval: 5000,
  });
  const versions = useQuery({
    queryKey: ["versions", name],
    queryFn: ({ signal }) => listVersions(name, signal),
    refetchInterval: 5000,
  });
  const verdicts = useQuery({
    queryKey: ["verdicts", name],
    queryFn: ({ signal }) => listVerdicts(name, signal),
  });
  const history = useQuery({
    queryKey: ["aliases", name],
    queryFn: ({ signal }) => aliasHistory(name, signal),
  });
  const policies = useQuery({
    queryKey: ["policies"],
    queryFn: ({ signal }) => listPolicies(signal),
  });
  const guards = (policies.data ?? []).filter((one) => one.name === name || one.name === "*");
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={link(["models"])}>Models</a>
      </nav>
      <h1>{name}</h1>
      <Loaded query={model}>
        {(found) => (found.description ? <p>{found.description}</p> : null)}
      </Loaded>
      <h2>Versions</h2>
      <Loaded query={versions}>
        {(found) => <Versions versions={found} guards={guards} verdicts={verdicts.data ?? []} />}
      </Loaded>
      <h2>Gates</h2>
      {guards.length === 0 ? (
        <p class="note">
          No gate stands before an alias of this model:{" "}
          <code>mainstay gate set {name} ALIAS FILE</code>
        </p>
      ) : (
        guards.map((guard) => <Gate key={`${guard.name}@${guard.alias}`} guard={guard} />)
      )}
      <h2>Verdicts</h2>
      <Loaded query={verdicts}>{(found) => <Verdicts verdicts={found} />}</Loaded>
      <h2>Alias history</h2>
      <Loaded query={history}>{(found) => <History changes={found} />}</Loaded>
    </>
  );
}

interface VersionsProps {
  versions: ModelVersion[];
  guards: Policy[];
  verdicts: Verdict[];
}

function Versions({ versions, guards, verdicts }: VersionsProps) {
  if (versions.length === 0) return <p class="note">No versions yet.</p>;
  return (
    <table class="list" aria-label="Versions">
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">Aliases</th>
          <th scope="col">Stage</th>
          <th scope="col">Last verdict</th>
          <th scope="col">Run</th>
          <th scope="col">Made</th>
        </tr>
      </thead>
      <tbody>
        {versions.map((one) => {
          const verdict = verdicts.find((found) => String(found.version) === one.version);
          return (
            <tr key={one.version}>
              <th scope="row">
                <a href={link(["models", one.name, one.version])}>{one.version}</a>
              </th>
              <td>
                {(one.aliases ?? []).map((alias) => (
                  <Alias
                    key={alias}
                    name={alias}
                    guarded={guards.some((guard) => guard.alias === alias)}
                  />
                ))}
              </td>
              <td>{one.current_stage === "None" ? "" : one.current_stage}</td>
              <td>{verdict && <Passed verdict={verdict} />}</td>
              <td>
                {one.run_id && <a href={link(["runs", one.run_id])}>{one.run_id.slice(0, 8)}</a>}
              </td>
              <td>{ago(one.creation_timestamp)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Gate({ guard }: { guard: Policy }) {
  return (
    <details>
      <summary>
        <Alias name={guard.alias} guarded />
        {guard.name === "*" && " of every model"}
      </summary>
      <pre tabIndex={0}>
        <code>{guard.text}</code>
      </pre>
    </details>
  );
}

function Verdicts({ verdicts }: { verdicts: Verdict[] }) {
  const [count, setCount] = useState(5);
  if (verdicts.length === 0) return <p class="note">No gate has decided about this model yet.</p>;
  return (
    <>
      {verdicts.slice(0, count).map((verdict) => (
        <details key={verdict.verdict_id}>
          <summary>
            Version {verdict.version}: <Passed verdict={verdict} />{" "}
            <span class="muted">{ago(verdict.at)}</span>
          </summary>
          <Checks verdict={verdict} />
        </details>
      ))}
      {verdicts.length > count && (
        <button onClick={() => setCount(count + 20)}>Show more of {verdicts.length}</button>
      )}
    </>
  );
}

function History({ changes }: { changes: AliasChange[] }) {
  if (changes.length === 0) return <p class="note">No alias was ever set.</p>;
  const version = (number: number | null) => (number === null ? "nobody" : `version ${number}`);
  return (
    <table class="list" aria-label="Alias history">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Alias</th>
          <th scope="col">From → to</th>
          <th scope="col">Kind</th>
          <th scope="col">Who</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {changes.toReversed().map((change) => (
          <tr key={change.change_id}>
            <td>{time(change.at)}</td>
            <td>
              <Alias name={change.alias} />
            </td>
            <td>
              {version(change.previous)} → {version(change.version)}
            </td>
            <td class={change.kind === "rollback" ? "warn" : undefined}>{change.kind}</td>
            <td>{change.principal}</td>
            <td class="wrap">{change.reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
