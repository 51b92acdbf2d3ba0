/** States as icon, word and colour together. */
import type { Outcome, RunStatus } from "../api/types";

const RUN: Record<RunStatus, [string, string]> = {
  RUNNING: ["●", "live"],
  SCHEDULED: ["○", "muted"],
  FINISHED: ["✓", "ok"],
  FAILED: ["✗", "bad"],
  KILLED: ["■", "warn"],
};

export function Status({ status }: { status: RunStatus }) {
  const [icon, tone] = RUN[status] ?? ["?", "muted"];
  return (
    <span class={`mark ${tone}`}>
      <span aria-hidden="true">{icon}</span> {status.toLowerCase()}
    </span>
  );
}

const OUTCOME: Record<Outcome, [string, string]> = {
  pass: ["✓", "ok"],
  fail: ["✗", "bad"],
  inconclusive: ["?", "warn"],
  waived: ["~", "warn"],
};

export function OutcomeMark({ outcome }: { outcome: Outcome }) {
  const [icon, tone] = OUTCOME[outcome];
  return (
    <span class={`mark ${tone}`}>
      <span aria-hidden="true">{icon}</span> {outcome}
    </span>
  );
}

export function Alias({ name, guarded }: { name: string; guarded?: boolean }) {
  return (
    <span class="alias" title={guarded ? "A gate stands before this alias" : undefined}>
      @{name}
      {guarded && <small> gated</small>}
    </span>
  );
}
