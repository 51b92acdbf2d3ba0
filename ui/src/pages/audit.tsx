/** The audit trail: who did what, in order; `mainstay audit verify` proves that nothing is missing. */
import { useQuery } from "@tanstack/preact-query";
import { listAudit } from "../api/operations";
import type { AuditEntry } from "../api/types";
import { Loaded } from "../components/states";
import { time } from "../lib/format";
import { place, setQuery } from "../lib/router";

export function Audit() {
  const wanted = place.value.query.get("find") ?? "";
  const query = useQuery({ queryKey: ["audit"], queryFn: ({ signal }) => listAudit(signal) });
  return (
    <>
      <h1>Audit</h1>
      <Loaded query={query}>
        {(entries) => (
          <>
            <p class="note">
              {entries.length} entries. Each holds the digest of the one before it:{" "}
              <code>mainstay audit verify</code> finds any edit or gap.
            </p>
            <search>
              <input
                type="search"
                aria-label="Find entries"
                placeholder="Find who, what, or of what"
                value={wanted}
                onInput={(event) => setQuery({ find: event.currentTarget.value })}
              />
            </search>
            <table class="list" aria-label="Audit trail">
              <thead>
                <tr>
                  <th scope="col">#</th>
                  <th scope="col">When</th>
                  <th scope="col">Who</th>
                  <th scope="col">Did</th>
                  <th scope="col">To</th>
                  <th scope="col">Digest</th>
                </tr>
              </thead>
              <tbody>
                {entries
                  .filter((one) => fits(one, wanted))
                  .toReversed()
                  .map((entry) => (
                    <tr key={entry.sequence}>
                      <td>{entry.sequence}</td>
                      <td>{time(entry.at)}</td>
                      <td>{entry.principal}</td>
                      <td>{entry.action}</td>
                      <td>{entry.subject}</td>
                      <td class="mono">{entry.digest.slice(0, 12)}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </>
        )}
      </Loaded>
    </>
  );
}

function fits({ principal, action, subject }: AuditEntry, wanted: string): boolean {
  return `${principal} ${action} ${subject}`.toLowerCase().includes(wanted.toLowerCase());
}
