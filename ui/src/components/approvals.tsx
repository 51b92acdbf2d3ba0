/** Requests that a person approve a move; the server holds the rule that it is another person. */
import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { decideApproval } from "../api/registry";
import type { Approval, ApprovalState } from "../api/types";
import { ago, time } from "../lib/format";
import { link } from "../lib/router";
import { Alias } from "./marks";
import { ErrorBox } from "./states";

const MARK: Record<ApprovalState, [string, string]> = {
  pending: ["○", "warn"],
  approved: ["✓", "ok"],
  rejected: ["✗", "bad"],
  void: ["–", "muted"],
};

export function ApprovalList({ approvals }: { approvals: Approval[] }) {
  return (
    <ul class="approvals" aria-label="Approvals">
      {approvals.map((one) => (
        <Request key={one.approval_id} approval={one} />
      ))}
    </ul>
  );
}

function Request({ approval }: { approval: Approval }) {
  const { name, alias, version, state } = approval;
  const [icon, tone] = MARK[state];
  return (
    <li>
      <p>
        <span class={`mark ${tone}`}>
          <span aria-hidden="true">{icon}</span> {state}
        </span>{" "}
        <a href={link(["models", name, String(version)], { tab: "gate" })}>
          {name} version {version}
        </a>{" "}
        → <Alias name={alias} />
        <span class="muted" title={time(approval.requested_at)}>
          asked by {approval.requested_by} {ago(approval.requested_at)}
        </span>
      </p>
      {approval.decided_by && (
        <p class="note">
          {approval.decided_by}, {ago(approval.decided_at ?? undefined)}
          {approval.reason && `: ${approval.reason}`}
        </p>
      )}
      {state === "pending" && <Decide approval={approval} />}
    </li>
  );
}

function Decide({ approval }: { approval: Approval }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const about = `${approval.name} version ${approval.version}`;
  async function decide(state: ApprovalState) {
    setBusy(true);
    setError(undefined);
    try {
      await decideApproval(approval.approval_id, state, reason);
    } catch (refused) {
      setError(refused as Error);
    }
    setBusy(false);
    await client.invalidateQueries();
  }
  return (
    <div class="decide">
      <input
        aria-label={`Reason about ${about}`}
        placeholder="Reason, kept in the audit trail"
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <button class="main" disabled={busy} onClick={() => void decide("approved")}>
        Approve
      </button>
      <button disabled={busy || reason.trim() === ""} onClick={() => void decide("rejected")}>
        Reject
      </button>
      {reason.trim() === "" && <span class="note">A rejection needs a reason.</span>}
      {error && <ErrorBox error={error} />}
    </div>
  );
}
