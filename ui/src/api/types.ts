/** Records of the REST API, as the server writes them. Source: docs/api.md and /openapi.json. */

/** A float as JSON carries it: NaN and the infinities are text. */
export type WireNumber = number | "NaN" | "Infinity" | "-Infinity";

export interface Tag {
  key: string;
  value: string;
}

export interface Experiment {
  experiment_id: string;
  name: string;
  artifact_location: string;
  lifecycle_stage: "active" | "deleted";
  creation_time?: number;
  last_update_time?: number;
  tags?: Tag[];
}

export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

export interface RunInfo {
  run_id: string;
  run_name: string;
  experiment_id: string;
  user_id?: string;
  status: RunStatus;
  start_time: number;
  end_time?: number;
  artifact_uri: string;
  lifecycle_stage: "active" | "deleted";
}

export interface Metric {
  key: string;
  value: WireNumber;
  timestamp: number;
  step?: number;
}

export interface DatasetInput {
  dataset: { name: string; digest: string; source_type: string; source: string };
  tags?: Tag[];
}

/** When a run that sends heartbeats was last heard of: `at` in ms, `every` in seconds. */
export interface Pulse {
  run_id: string;
  at: number;
  every: number;
  lost: boolean;
}

export interface Run {
  info: RunInfo;
  /** Only of a run that says RUNNING and ever sent a heartbeat. */
  pulse?: Pulse;
  data?: { metrics?: Metric[]; params?: Tag[]; tags?: Tag[] };
  inputs?: { dataset_inputs?: DatasetInput[] };
  outputs?: { model_outputs?: { model_id: string; step?: number }[] };
}

export interface FileInfo {
  path: string;
  is_dir: boolean;
  file_size?: number;
}

/** A series for a chart: parallel columns, one entry a bucket of `width` points. */
export interface Series {
  run_id: string;
  key: string;
  width: number;
  total: number;
  step: number[];
  timestamp: number[];
  last: WireNumber[];
  low: WireNumber[];
  high: WireNumber[];
  count: number[];
}

export interface ModelVersion {
  name: string;
  version: string;
  creation_timestamp: number;
  current_stage?: string;
  description?: string;
  source?: string;
  run_id?: string;
  status?: string;
  tags?: Tag[];
  aliases?: string[];
}

export interface RegisteredModel {
  name: string;
  creation_timestamp: number;
  last_updated_timestamp: number;
  description?: string;
  latest_versions?: ModelVersion[];
  tags?: Tag[];
  aliases?: { alias: string; version: string }[];
}

export type Outcome = "pass" | "fail" | "inconclusive" | "waived";

export interface CheckResult {
  check: string;
  kind: string;
  outcome: Outcome;
  message: string;
}

export interface Verdict {
  verdict_id: string;
  version_digest: string | null;
  policy_digest: string;
  evidence_digest: string;
  name: string;
  alias: string;
  version: number;
  baseline_version: number | null;
  passed: boolean;
  checks: CheckResult[];
  at: number;
}

export type ApprovalState = "pending" | "approved" | "rejected" | "void";

export interface Approval {
  approval_id: string;
  name: string;
  alias: string;
  version: number;
  version_digest: string | null;
  policy_digest: string;
  evidence_digest: string;
  requested_by: string;
  requested_at: number;
  state: ApprovalState;
  decided_by: string | null;
  decided_at: number | null;
  reason: string;
}

export interface Principal {
  name: string;
  role: string;
  authenticated: boolean;
  claimed: string;
}

export interface AliasChange {
  change_id: number;
  name: string;
  alias: string;
  previous: number | null;
  version: number | null;
  principal: string;
  reason: string;
  kind: "set" | "delete" | "rollback";
  verdict_id: string | null;
  at: number;
}

export interface Policy {
  name: string;
  alias: string;
  text: string;
  digest: string;
}

export interface Alert {
  alert_id: string;
  deployment: string;
  name: string;
  version: number;
  kind: string;
  subject: string;
  state: "inactive" | "pending" | "firing" | "resolved";
  message: string;
  since: number;
  updated_at: number;
}

export interface Deployment {
  deployment: string;
  uri: string;
  name: string;
  desired_version: number | null;
  serving_version: number | null;
  url: string;
  state: string;
  message: string;
  updated_at: number;
}

export interface AuditEntry {
  sequence: number;
  at: number;
  principal: string;
  action: string;
  subject: string;
  digest: string;
}

export interface CardSection {
  key: string;
  title: string;
  text: string;
  table: { columns: string[]; rows: string[][] } | null;
  editable: boolean;
}

export interface CardAnswer {
  card: { name: string; version: number; sections: CardSection[] };
  markdown: string;
  html: string;
}

/** Where a version comes from and what became of it; docs/lineage.md has every field. */
export interface Lineage {
  name: string;
  version: number;
  digest: string | null;
  source: string;
  registered_at: number;
  registered_by: string | null;
  aliases: string[];
  copied_from: { name: string; version: number } | string | null;
  run: {
    run_id: string;
    run_name: string;
    data: { name: string; digest: string; context: string | null; parents?: Parent[] }[];
    code: { commit: string | null; repository: string | null; source: string | null };
  } | null;
  parents: { model_id?: string; name?: string; versions?: { name: string; version: number }[] }[];
  deployments: { deployment: string; state: string; url: string }[];
}

interface Parent {
  name: string;
  digest: string;
}

export interface Change {
  key: string;
  before: string | number | null;
  after: string | number | null;
}

export interface Difference {
  before: string;
  after: string;
  same_files: boolean | null;
  params: Change[];
  metrics: Change[];
  data: Change[];
  code: Change[];
  packages: Change[];
  environment: "lock" | "requirements";
  compatible: boolean | null;
  breaks: string[];
  notes: string[];
}
