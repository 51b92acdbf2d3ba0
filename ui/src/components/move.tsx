/** Point an alias at a version: ask the gate, see what it says, then move. */
import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { decide, setAlias } from "../api/registry";
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
  const [moved, setMoved] = useState("");
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const gated = guards.some((guard) => guard.alias === alias);
  const problem = moveProblem(alias);
  const ready = problem === "" && (!gated || (verdict?.alias === alias && verdict.passed));

  async function work(step: () => Promise<void>) {
    setBusy(true);
    setError(undefined);
    setMoved("");
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
      setMoved(`@${alias} is version ${version} now.`);
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
          onInput={(event) => setName(event.currentTarget.value.trim())}
        />
      </label>
      <datalist id="aliases">
        {aliases.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <label>
        Reason <input value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      {gated && (
        <button type="button" disabled={busy} onClick={() => void ask()}>
          Ask the gate
        </button>
      )}
      <button type="submit" disabled={busy || !ready}>
        Move to version {version}
      </button>
      <div role="status">
        {moved && <p class="note">{moved}</p>}
        {!moved && alias !== "" && problem !== "" && <p class="note">{problem}</p>}
        {!moved && problem === "" && !gated && alias !== "" && (
          <p class="note">No gate stands before @{alias}.</p>
        )}
        {gated && verdict?.alias === alias && (
          <>
            <p>
              <Passed verdict={verdict} />
            </p>
            <Checks verdict={verdict} />
          </>
        )}
      </div>
      {error && <ErrorBox error={error} />}
    </form>
  );
}
