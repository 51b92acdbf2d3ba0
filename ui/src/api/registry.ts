/** Registered models, versions, aliases, gates and verdicts. */
import { get, mlflow, own } from "./client";
import type { AliasChange, ModelVersion, Policy, RegisteredModel, Verdict } from "./types";

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
