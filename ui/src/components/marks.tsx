/** States as icon, word and colour together. */
import type { Outcome, Run, RunStatus } from "../api/types";
import { time } from "../lib/format";

const RUN: Record<RunStatus, [string, string]> = {
  RUNNING: ["●", "live"],
  SCHEDULED: ["○", "muted"],
  FINISHED: ["✓", "ok"],
  FAILED: ["✗", "bad"],
  KILLED: ["■", "warn"],
};

/** How a run stands: one that says RUNNING and whose heartbeats stopped is lost. */
export function RunMark({ run }: { run: Run }) {
  const { pulse } = run;
  if (!pulse?.lost) return <Status status={run.info.status} />;
  const title = `Says RUNNING; last heard of ${time(pulse.at)}, promised every ${pulse.every} s`;
  return (
    <span class="mark bad" title={title}>
      <span aria-hidden="true">⚠</span> lost
    </span>
  );
}

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
