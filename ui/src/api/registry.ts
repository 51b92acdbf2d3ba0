/** Registered models, versions, aliases, gates and verdicts. */
import { get, mlflow, own, post } from "./client";
import type {
  AliasChange,
  Approval,
  ApprovalState,
  CardAnswer,
  Difference,
  Lineage,
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

export async function getLineage(name: string, version: string, signal?: AbortSignal) {
  const asked = { name, version };
  return (await get<{ lineage: Lineage }>(own("registry/lineage"), asked, signal)).lineage;
}

export async function listApprovals(
  asked: { name?: string; state?: ApprovalState },
  signal?: AbortSignal,
): Promise<Approval[]> {
  return (await get<{ approvals: Approval[] }>(own("release/approvals"), asked, signal)).approvals;
}

/** Ask that a move be approved as things stood when the gate decided. */
export async function requestApproval(verdict: Verdict): Promise<Approval> {
  const { name, alias, version, version_digest, policy_digest, evidence_digest } = verdict;
  const id = [...crypto.getRandomValues(new Uint8Array(8))];
  const approval = {
    ...{ name, alias, version, version_digest, policy_digest, evidence_digest },
    approval_id: id.map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    requested_by: "",
    requested_at: Date.now(),
  };
  return (await post<{ approval: Approval }>(own("release/approvals"), { approval })).approval;
}

export async function decideApproval(id: string, state: ApprovalState, reason: string) {
  await post(own("release/approvals/decide"), { approval_id: id, state, reason });
}

export async function rollBack(name: string, alias: string, expected: number, reason: string) {
  const asked = { name, alias, expected_version: expected, reason };
  return (await post<{ change: AliasChange }>(own("release/rollback"), asked)).change;
}
