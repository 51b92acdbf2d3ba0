/** Point an alias at a version: ask the gate, see what it says, then move, or ask for approval. */
import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { decide, requestApproval, setAlias } from "../api/registry";
import type { Policy, Verdict } from "../api/types";
import { moveProblem } from "../lib/aliases";
import { ErrorBox } from "./states";
import { Checks, Passed } from "./verdict";

interface MoveProps {
  name: string;
  version: string;
  aliases: string[];
  guards: Policy[];
}

export function Move({ name, version, aliases, guards }: MoveProps) {
  const client = useQueryClient();
  const [alias, setName] = useState("");
  const [reason, setReason] = useState("");
  const [verdict, setVerdict] = useState<Verdict>();
  const [done, setDone] = useState("");
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const gated = guards.some((guard) => guard.alias === alias);
  const problem = moveProblem(alias);
  const decided = verdict?.alias === alias ? verdict : undefined;
  const ready = problem === "" && (!gated || decided?.passed === true);

  async function work(step: () => Promise<void>) {
    setBusy(true);
    setError(undefined);
    setDone("");
    try {
      await step();
    } catch (reason) {
      setError(reason as Error);
    }
    setBusy(false);
    await client.invalidateQueries();
  }

  const ask = () => work(async () => setVerdict(await decide(name, alias, Number(version))));
  const move = () =>
    work(async () => {
      await setAlias(name, alias, version, reason);
      setDone(`@${alias} is version ${version} now.`);
    });
  const request = (decided: Verdict) =>
    work(async () => {
      await requestApproval(decided);
      setDone("Approval was asked for. Another person finds it under Approvals.");
    });

  return (
    <form
      class="move"
      aria-label="Move an alias"
      onSubmit={(event) => {
        event.preventDefault();
        void (ready ? move() : ask());
      }}
    >
      <label>
        Alias{" "}
        <input
          list="aliases"
          value={alias}
          placeholder={aliases[0] ?? "champion"}
          onInput={(event) => setName(event.currentTarget.value.trim())}
        />
      </label>
      <datalist id="aliases">
        {aliases.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <label class="reason">
        Reason{" "}
        <input
          value={reason}
          placeholder="kept in the audit trail"
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      {gated && (
        <button type="button" disabled={busy} onClick={() => void ask()}>
          Ask the gate
        </button>
      )}
      {decided && awaitsApproval(decided) && (
        <button type="button" disabled={busy} onClick={() => void request(decided)}>
          Ask for approval
        </button>
      )}
      <button type="submit" class="main" disabled={busy || !ready}>
        Move to version {version}
      </button>
      <div role="status">
        {done && <p class="box ok">{done}</p>}
        {!done && alias !== "" && problem !== "" && <p class="note">{problem}</p>}
        {!done && problem === "" && !gated && alias !== "" && (
          <p class="note">No gate stands before @{alias}.</p>
        )}
        {gated && decided && (
          <>
            <p>
              <Passed verdict={decided} />
            </p>
            <Checks verdict={decided} />
          </>
        )}
      </div>
      {error && <ErrorBox error={error} />}
    </form>
  );
}

/** Whether a person's yes is among what is missing. */
function awaitsApproval({ checks }: Verdict): boolean {
  return checks.some((one) => one.kind === "approval" && one.outcome !== "pass");
}
