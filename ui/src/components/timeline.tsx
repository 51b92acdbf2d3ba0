/** How aliases moved: a row an alias, a stretch a holder; every move with who and why below. */
import type { AliasChange } from "../api/types";
import { ago, time } from "../lib/format";
import { stretchesOf } from "../lib/timeline";
import { Alias } from "./marks";

/** Moves drawn at most; the table below has them all. */
const DRAWN = 40;

export function Timeline({ changes }: { changes: AliasChange[] }) {
  if (changes.length === 0) return <p class="note">No alias was ever set.</p>;
  const recent = changes.toSorted((a, b) => a.change_id - b.change_id).slice(-DRAWN);
  const { moves, stretches } = stretchesOf(recent);
  const aliases = [...new Set(stretches.map((one) => one.alias))];
  const part = (place: number) => `${(place / moves.length) * 100}%`;
  return (
    <>
      <div class="timeline" role="img" aria-label={`Holders of ${aliases.join(", ")} over time`}>
        {aliases.map((alias) => (
          <div key={alias} class="track-row">
            <span class="name">@{alias}</span>
            <span class="rail">
              {stretches
                .filter((one) => one.alias === alias)
                .map(({ version, from, to, change, current }) => (
                  <span
                    key={change.change_id}
                    class={`stretch ${current ? "current" : ""} ${change.kind === "rollback" ? "back" : ""}`}
                    style={{ left: part(from), width: part(to - from) }}
                    title={`version ${version}, ${time(change.at)}, ${change.principal} ${change.reason}`}
                  >
                    {change.kind === "rollback" && "↩ "}v{version}
                  </span>
                ))}
            </span>
          </div>
        ))}
        <div class="track-row ends muted">
          <span class="name" />
          <span class="rail">
            <span>{ago(moves[0]?.at)}</span>
            <span>now</span>
          </span>
        </div>
      </div>
      <History changes={changes} />
    </>
  );
}

function History({ changes }: { changes: AliasChange[] }) {
  const version = (number: number | null) => (number === null ? "nobody" : `version ${number}`);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Moves of aliases">
      <table class="list" aria-label="Alias history">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Alias</th>
            <th scope="col">From → to</th>
            <th scope="col">Kind</th>
            <th scope="col">Who</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {changes.toReversed().map((change) => (
            <tr key={change.change_id}>
              <td title={time(change.at)}>{ago(change.at)}</td>
              <td>
                <Alias name={change.alias} />
              </td>
              <td>
                {version(change.previous)} → {version(change.version)}
              </td>
              <td class={change.kind === "rollback" ? "warn" : undefined}>{change.kind}</td>
              <td>{change.principal}</td>
              <td class="wrap">{change.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
