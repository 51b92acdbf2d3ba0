/** Put an alias back to its previous holder. */
import { useQueryClient } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { rollBack } from "../api/registry";
import { ErrorBox } from "./states";

interface RollbackProps {
  name: string;
  alias: string;
  version: string;
}

export function Rollback({ name, alias, version }: RollbackProps) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<Error>();
  const [done, setDone] = useState("");
  async function back() {
    setError(undefined);
    try {
      const change = await rollBack(name, alias, Number(version), reason);
      setDone(`@${alias} is version ${change.version} again.`);
    } catch (refused) {
      setError(refused as Error);
    }
    await client.invalidateQueries();
  }
  return (
    <details class="rollback">
      <summary>Roll back…</summary>
      <p class="note">
        @{alias} leaves version {version} and goes to who held it before, one that passed its gate
        if there is such a one. Servers that follow it swap at once.
      </p>
      <form
        class="decide"
        aria-label={`Roll back ${alias}`}
        onSubmit={(event) => {
          event.preventDefault();
          void back();
        }}
      >
        <input
          aria-label={`Reason for rolling back ${alias}`}
          placeholder="Reason, kept in the audit trail"
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
        <button type="submit" disabled={reason.trim() === ""}>
          Roll back from version {version}
        </button>
      </form>
      {done && <p role="status">{done}</p>}
      {error && <ErrorBox error={error} />}
    </details>
  );
}
