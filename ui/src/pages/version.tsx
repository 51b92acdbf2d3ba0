/** One version: its card, moving an alias to it, and how it differs from another. */
import { useQuery } from "@tanstack/preact-query";
import { compareVersions, getCard, getModel, listPolicies, listVersions } from "../api/registry";
import { Card } from "../components/card";
import { Differences } from "../components/difference";
import { Alias } from "../components/marks";
import { Move } from "../components/move";
import { Loaded } from "../components/states";
import { link, place, setQuery } from "../lib/router";

export function Version({ name, version }: { name: string; version: string }) {
  const card = useQuery({
    queryKey: ["card", name, version],
    queryFn: ({ signal }) => getCard(name, version, signal),
  });
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
      <h2>Move an alias here</h2>
      <Move name={name} version={version} aliases={aliases} guards={guards} />
      <h2>Compare</h2>
      <Compare name={name} version={version} />
      <Loaded query={card}>{(answer) => <Card answer={answer} />}</Loaded>
    </>
  );
}

function Compare({ name, version }: { name: string; version: string }) {
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
