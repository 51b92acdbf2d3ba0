/** The audit trail: who did what, in order; `mainstay audit verify` proves that nothing is missing. */
import { useQuery } from "@tanstack/preact-query";
import { listAudit } from "../api/operations";
import { Loaded } from "../components/states";
import { time } from "../lib/format";

export function Audit() {
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
                {entries.toReversed().map((entry) => (
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
