/** Registered models, versions, aliases, gates and verdicts. */
import { get, mlflow, own, post } from "./client";
import type {
  AliasChange,
  CardAnswer,
  Difference,
  ModelVersion,
  Policy,
  RegisteredModel,
  Verdict,
} from "./types";

export async function searchModels(filter: string, signal?: AbortSignal) {
  const answer = await get<{ registered_models?: RegisteredModel[] }>(
    mlflow("registered-models/search"),
    { filter, max_results: 1000 },
    signal,
  );
  return answer.registered_models ?? [];
}

export async function getModel(name: string, signal?: AbortSignal): Promise<RegisteredModel> {
  const answer = await get<{ registered_model: RegisteredModel }>(
    mlflow("registered-models/get"),
    { name },
    signal,
  );
  return answer.registered_model;
}

export async function listVersions(name: string, signal?: AbortSignal): Promise<ModelVersion[]> {
  const quoted = name.replaceAll("'", "''");
  const answer = await get<{ model_versions?: ModelVersion[] }>(
    mlflow("model-versions/search"),
    { filter: `name = '${quoted}'`, order_by: "version_number DESC", max_results: 1000 },
    signal,
  );
  return answer.model_versions ?? [];
}

export async function listVerdicts(name: string, signal?: AbortSignal): Promise<Verdict[]> {
  return (await get<{ verdicts: Verdict[] }>(own("release/verdicts"), { name }, signal)).verdicts;
}

export async function aliasHistory(name: string, signal?: AbortSignal): Promise<AliasChange[]> {
  const answer = await get<Record<string, AliasChange[]>>(
    own("registry/alias-history"),
    { name },
    signal,
  );
  return Object.values(answer)[0] ?? [];
}

export async function listPolicies(signal?: AbortSignal): Promise<Policy[]> {
  return (await get<{ policies: Policy[] }>(own("release/policies"), {}, signal)).policies;
}

/** Let the gate decide now; the server keeps what it decided, whatever is sent. */
export async function decide(name: string, alias: string, version: number): Promise<Verdict> {
  const asked = {
    ...{ name, alias, version, verdict_id: "asked", passed: false, checks: [], at: 0 },
    ...{ version_digest: null, policy_digest: "", evidence_digest: "", baseline_version: null },
  };
  return (await post<{ verdict: Verdict }>(own("release/verdicts"), { verdict: asked })).verdict;
}

export async function setAlias(name: string, alias: string, version: string, reason: string) {
  await post(mlflow("registered-models/alias"), { name, alias, version, reason });
}

export async function setVersionTag(name: string, version: number, key: string, value: string) {
  await post(mlflow("model-versions/set-tag"), { name, version: String(version), key, value });
}

export async function getCard(
  name: string,
  version: string,
  signal?: AbortSignal,
): Promise<CardAnswer> {
  return get<CardAnswer>(own("registry/card"), { name, version }, signal);
}

export async function compareVersions(
  name: string,
  before: string,
  after: string,
  signal?: AbortSignal,
): Promise<Difference> {
  const asked = { name, version: before, other: after };
  return (await get<{ difference: Difference }>(own("registry/difference"), asked, signal))
    .difference;
}
