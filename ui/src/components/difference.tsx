/** How two versions differ. */
import type { Change, Difference } from "../api/types";
import { number } from "../lib/format";

const PARTS = ["params", "metrics", "data", "code", "packages"] as const;
const TITLES: Record<(typeof PARTS)[number], string> = {
  params: "Parameters",
  metrics: "Metrics",
  data: "Data",
  code: "Code",
  packages: "Packages",
};

export function Differences({ found }: { found: Difference }) {
  const parts = PARTS.filter((part) => found[part].length > 0);
  return (
    <>
      <p>{compatible(found)}</p>
      {parts.length === 0 && <p class="note">Nothing else differs.</p>}
      {parts.map((part) => (
        <Changes key={part} title={TITLES[part]} found={found} changes={found[part]} />
      ))}
      {found.notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
    </>
  );
}

function compatible({ before, after, compatible, breaks }: Difference): string {
  if (compatible === null) {
    return `Whether a caller of ${before} can call ${after} is not known: a signature is missing.`;
  }
  return compatible
    ? `✓ Whoever calls ${before} can call ${after}.`
    : `✗ A caller of ${before} would break: ${breaks.join("; ")}.`;
}

interface ChangesProps {
  title: string;
  found: Difference;
  changes: Change[];
}

function Changes({ title, found, changes }: ChangesProps) {
  return (
    <table class="list difference" aria-label={`${title} that differ`}>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">{found.before}</th>
          <th scope="col">{found.after}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ key, before, after }) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            <td title={String(before ?? "none")}>{said(before)}</td>
            <td title={String(after ?? "none")}>
              {said(after)} {rise(before, after)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type Value = Change["before"];

function said(value: Value): string {
  if (value === null) return "none";
  return typeof value === "number" ? number(value) : value;
}

/** By how much a number rose or fell; whether that is good, the page cannot know. */
function rise(before: Value, after: Value) {
  if (typeof before !== "number" || typeof after !== "number") return null;
  const by = after - before;
  return <span class="muted">{`${by > 0 ? "+" : "−"}${number(Math.abs(by))}`}</span>;
}
