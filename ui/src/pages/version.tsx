/** One version: what it is and where it comes from, its gate, its card, what differs from another. */
import { useQuery } from "@tanstack/preact-query";
import {
  compareVersions,
  getCard,
  getLineage,
  getModel,
  listApprovals,
  listPolicies,
  listVerdicts,
  listVersions,
} from "../api/registry";
import type { Lineage, Policy } from "../api/types";
import { ApprovalList } from "../components/approvals";
import { Card } from "../components/card";
import { Code, CopyId } from "../components/copy";
import { Differences } from "../components/difference";
import { Facts } from "../components/facts";
import { LineageGraph } from "../components/lineage";
import { Alias } from "../components/marks";
import { Move } from "../components/move";
import { Loaded } from "../components/states";
import { Checks, Passed } from "../components/verdict";
import { ago, time } from "../lib/format";
import { link, place, setQuery } from "../lib/router";

const PARTS = ["overview", "gate", "compare", "card"] as const;

export function Version({ name, version }: { name: string; version: string }) {
  const model = useQuery({
    queryKey: ["model", name],
    queryFn: ({ signal }) => getModel(name, signal),
  });
  const policies = useQuery({
    queryKey: ["policies"],
    queryFn: ({ signal }) => listPolicies(signal),
  });
  const guards = (policies.data ?? []).filter((one) => one.name === name || one.name === "*");
  const held = model.data?.aliases ?? [];
  const aliases = [...new Set([...held, ...guards].map((one) => one.alias))].sort();
  const asked = place.value.query.get("tab");
  const part = PARTS.find((one) => one === asked) ?? "overview";
  const own = { name, version };
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={link(["models"])}>Models</a> <a href={link(["models", name])}>{name}</a>
      </nav>
      <h1>
        {name}, version {version}{" "}
        {held
          .filter((one) => one.version === version)
          .map(({ alias }) => (
            <Alias
              key={alias}
              name={alias}
              guarded={guards.some((guard) => guard.alias === alias)}
            />
          ))}
      </h1>
      <nav class="tabs" aria-label="Parts of the version">
        {PARTS.map((one) => (
          <a
            key={one}
            href={link(["models", name, version], { tab: one })}
            aria-current={one === part ? "page" : undefined}
          >
            {one[0]?.toUpperCase() + one.slice(1)}
          </a>
        ))}
      </nav>
      {part === "overview" && <Overview {...own} />}
      {part === "gate" && <Gate {...own} aliases={aliases} guards={guards} />}
      {part === "compare" && <Compare {...own} />}
      {part === "card" && <CardPart {...own} />}
    </>
  );
}

interface PartProps {
  name: string;
  version: string;
}

function Overview({ name, version }: PartProps) {
  const lineage = useQuery({
    queryKey: ["lineage", name, version],
    queryFn: ({ signal }) => getLineage(name, version, signal),
  });
  return (
    <Loaded query={lineage} rows={8}>
      {(found) => <Known {...{ name, version, found }} />}
    </Loaded>
  );
}

function Known({ name, version, found }: PartProps & { found: Lineage }) {
  const { run } = found;
  return (
    <>
      <Facts
        rows={[
          [
            "Registered",
            <span title={time(found.registered_at)}>
              {ago(found.registered_at)}
              {found.registered_by && ` by ${found.registered_by}`}
            </span>,
          ],
          [
            "Run",
            run ? <a href={link(["runs", run.run_id])}>{run.run_name}</a> : "none, or deleted",
          ],
          ["Commit", run?.code?.commit ?? "not known"],
          [
            "Digest of its files",
            found.digest ? <CopyId id={found.digest} what="digest" /> : "not hashed yet",
          ],
          ["Source", <CopyId id={found.source} what="source" />],
        ]}
      />
      <h2>Load it</h2>
      <Code
        what="code that loads the model"
        text={`import mainstay

mainstay.set_tracking_uri("${location.origin}")
model = mainstay.pyfunc.load_model("models:/${name}/${version}")`}
      />
      <h2>Where it comes from, and what uses it</h2>
      <LineageGraph lineage={found} />
    </>
  );
}

interface GateProps extends PartProps {
  aliases: string[];
  guards: Policy[];
}

function Gate({ name, version, aliases, guards }: GateProps) {
  const verdicts = useQuery({
    queryKey: ["verdicts", name],
    queryFn: ({ signal }) => listVerdicts(name, signal),
  });
  const approvals = useQuery({
    queryKey: ["approvals", name],
    queryFn: ({ signal }) => listApprovals({ name }, signal),
  });
  const own = (verdicts.data ?? []).filter((one) => String(one.version) === version);
  const latest = own.filter(
    (one, place) => own.findIndex((other) => other.alias === one.alias) === place,
  );
  const asked = (approvals.data ?? []).filter((one) => String(one.version) === version);
  return (
    <>
      <h2>Move an alias here</h2>
      <Move name={name} version={version} aliases={aliases} guards={guards} />
      {asked.length > 0 && (
        <>
          <h2>Approvals</h2>
          <ApprovalList approvals={asked} />
        </>
      )}
      <h2>Latest verdicts</h2>
      {latest.length === 0 && <p class="note">No gate has decided about this version yet.</p>}
      {latest.map((verdict) => (
        <section key={verdict.verdict_id} aria-label={`Verdict for ${verdict.alias}`}>
          <p>
            <Passed verdict={verdict} /> <span class="muted">{ago(verdict.at)}</span>
          </p>
          <Checks verdict={verdict} />
        </section>
      ))}
    </>
  );
}

function CardPart({ name, version }: PartProps) {
  const card = useQuery({
    queryKey: ["card", name, version],
    queryFn: ({ signal }) => getCard(name, version, signal),
  });
  return (
    <Loaded query={card} rows={10}>
      {(answer) => <Card answer={answer} />}
    </Loaded>
  );
}

function Compare({ name, version }: PartProps) {
  const versions = useQuery({
    queryKey: ["versions", name],
    queryFn: ({ signal }) => listVersions(name, signal),
  });
  const before = place.value.query.get("with") ?? "";
  const difference = useQuery({
    queryKey: ["difference", name, before, version],
    queryFn: ({ signal }) => compareVersions(name, before, version, signal),
    enabled: before !== "",
  });
  const others = (versions.data ?? []).filter((one) => one.version !== version);
  if (others.length === 0) return <p class="note">There is no other version.</p>;
  return (
    <>
      <label>
        With version{" "}
        <select value={before} onChange={(event) => setQuery({ with: event.currentTarget.value })}>
          <option value="">choose one</option>
          {others.map((one) => (
            <option key={one.version} value={one.version}>
              {one.version} {(one.aliases ?? []).map((alias) => `@${alias}`).join(" ")}
            </option>
          ))}
        </select>
      </label>
      {before !== "" && (
        <Loaded query={difference}>{(found) => <Differences found={found} />}</Loaded>
      )}
    </>
  );
}
