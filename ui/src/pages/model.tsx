/** One registered model: who holds which alias, its versions, gates, approvals, verdicts, history. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import {
  aliasHistory,
  getModel,
  listApprovals,
  listPolicies,
  listVerdicts,
  listVersions,
} from "../api/registry";
import type { AliasChange, ModelVersion, Policy, RegisteredModel, Verdict } from "../api/types";
import { ApprovalList } from "../components/approvals";
import { Code, Copy } from "../components/copy";
import { Alias } from "../components/marks";
import { Rollback } from "../components/rollback";
import { Loaded } from "../components/states";
import { Timeline } from "../components/timeline";
import { Checks, Passed } from "../components/verdict";
import { ago, time } from "../lib/format";
import { link } from "../lib/router";

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
  const approvals = useQuery({
    queryKey: ["approvals", name],
    queryFn: ({ signal }) => listApprovals({ name }, signal),
  });
  const guards = (policies.data ?? []).filter((one) => one.name === name || one.name === "*");
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={link(["models"])}>Models</a>
      </nav>
      <h1>
        {name} <Copy text={name} what="model name" />
      </h1>
      <Loaded query={model}>
        {(found) => <Holders model={found} history={history.data ?? []} guards={guards} />}
      </Loaded>
      <h2>Versions</h2>
      <Loaded query={versions}>
        {(found) => <Versions versions={found} guards={guards} verdicts={verdicts.data ?? []} />}
      </Loaded>
      {(approvals.data ?? []).length > 0 && (
        <>
          <h2>Approvals</h2>
          <ApprovalList approvals={(approvals.data ?? []).slice(0, 10)} />
        </>
      )}
      <div class="columns">
        <section>
          <h2>Verdicts</h2>
          <Loaded query={verdicts}>{(found) => <Verdicts verdicts={found} />}</Loaded>
        </section>
        <section>
          <h2>Gates</h2>
          {guards.length === 0 ? (
            <>
              <p class="note">No gate stands before an alias of this model. Set one:</p>
              <Code
                what="command that sets a gate"
                text={`mainstay gate set ${name} champion gate.yaml`}
              />
            </>
          ) : (
            guards.map((guard) => <Gate key={`${guard.name}@${guard.alias}`} guard={guard} />)
          )}
        </section>
      </div>
      <h2>How aliases moved</h2>
      <Loaded query={history}>{(found) => <Timeline changes={found} />}</Loaded>
    </>
  );
}

interface HoldersProps {
  model: RegisteredModel;
  history: AliasChange[];
  guards: Policy[];
}

/** A card an alias: who holds it, since when, how to load it, and the way back. */
function Holders({ model, history, guards }: HoldersProps) {
  const aliases = model.aliases ?? [];
  return (
    <>
      {model.description && <p>{model.description}</p>}
      {aliases.length === 0 && (
        <p class="note">No alias yet: choose a version, and move one to it.</p>
      )}
      <ul class="holders" aria-label="Aliases">
        {aliases.map(({ alias, version }) => {
          const since = history.findLast(
            (one) => one.alias === alias && String(one.version) === version,
          );
          const address = `models:/${model.name}@${alias}`;
          return (
            <li key={alias} class="card">
              <p>
                <Alias name={alias} guarded={guards.some((guard) => guard.alias === alias)} />
                <a href={link(["models", model.name, version])}>version {version}</a>
              </p>
              {since && (
                <p class="note" title={time(since.at)}>
                  for {ago(since.at).replace(" ago", "")}, by {since.principal}
                  {since.reason && `: ${since.reason}`}
                </p>
              )}
              <p class="note mono">
                {address} <Copy text={address} what={`address of ${alias}`} />
              </p>
              <Rollback name={model.name} alias={alias} version={version} />
            </li>
          );
        })}
      </ul>
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
    <div class="scroll" tabIndex={0} role="region" aria-label="Versions of the model">
      <table class="list" aria-label="Versions">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">Aliases</th>
            <th scope="col">Stage</th>
            <th scope="col">Last verdict</th>
            <th scope="col">Run</th>
            <th scope="col">Made</th>
            <th scope="col">Description</th>
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
                  {one.run_id && (
                    <a class="mono" href={link(["runs", one.run_id])}>
                      {one.run_id.slice(0, 8)}
                    </a>
                  )}
                </td>
                <td title={time(one.creation_timestamp)}>{ago(one.creation_timestamp)}</td>
                <td class="wrap muted">{one.description}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
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
