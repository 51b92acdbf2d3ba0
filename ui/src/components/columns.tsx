/** Which columns a table of runs has, which stay in place while it scrolls, what gathers rows. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { type KeyKind, searchKeys } from "../api/runs";
import { type Column, columnOf, HEAD, quoted } from "../lib/columns";
import { setQuery } from "../lib/router";
import type { View } from "../lib/view";

const KINDS: [KeyKind, string, string][] = [
  ["metric", "metrics", "Metrics"],
  ["param", "params", "Parameters"],
  ["tag", "tags", "Tags"],
];
/** Keys of a kind that are listed; the search finds the others. */
const LISTED = 100;

interface PickerProps {
  experimentId: string;
  view: View;
  shown: Column[];
}

export function ColumnPicker({ experimentId, view, shown }: PickerProps) {
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState("");
  const body = shown.map((one) => one.field).filter((field) => !field.startsWith("attributes."));
  const choose = (field: string, on: boolean) =>
    setQuery({ col: on ? [...body, field] : body.filter((one) => one !== field) });
  return (
    <details
      class="menu"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      onKeyDown={(event) => event.key === "Escape" && setOpen(false)}
    >
      <summary>Columns</summary>
      {open && (
        <div class="sheet">
          <input
            type="search"
            aria-label="Find columns"
            placeholder="Find columns"
            value={wanted}
            onInput={(event) => setWanted(event.currentTarget.value)}
          />{" "}
          {view.chosen && <button onClick={() => setQuery({ col: [], pin: [] })}>Reset</button>}
          {KINDS.map(([kind, room, title]) => (
            <Keys key={kind} {...{ experimentId, kind, title, wanted }}>
              {(key) => {
                const field = `${room}.${quoted(key)}`;
                return (
                  <Choice
                    key={field}
                    field={field}
                    on={body.includes(field)}
                    pinned={view.pinned}
                    onChoose={choose}
                  />
                );
              }}
            </Keys>
          ))}
        </div>
      )}
    </details>
  );
}

interface KeysProps {
  experimentId: string;
  kind: KeyKind;
  title: string;
  wanted: string;
  children: (key: string) => preact.ComponentChildren;
}

function Keys({ experimentId, kind, title, wanted, children }: KeysProps) {
  const query = useQuery({
    queryKey: ["keys", experimentId, kind, "all"],
    queryFn: ({ signal }) => searchKeys(experimentId, kind, "", 10_000, signal),
  });
  const fits = (query.data ?? []).filter(
    (key) => !key.startsWith("mlflow.") && key.toLowerCase().includes(wanted.toLowerCase()),
  );
  if (fits.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      {fits.slice(0, LISTED).map(children)}
      {fits.length > LISTED && (
        <p class="note">
          {LISTED} of {fits.length}; type to find the others.
        </p>
      )}
    </>
  );
}

interface ChoiceProps {
  field: string;
  on: boolean;
  pinned: ReadonlySet<string>;
  onChoose: (field: string, on: boolean) => void;
}

function Choice({ field, on, pinned, onChoose }: ChoiceProps) {
  const { title } = columnOf(field);
  const held = pinned.has(field);
  const pin = () => {
    const others = [...pinned].filter((one) => one !== field && one !== HEAD[0]?.field);
    setQuery({ pin: held ? others : [...others, field] });
  };
  return (
    <div class="choice">
      <label>
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => onChoose(field, event.currentTarget.checked)}
        />
        {title}
      </label>
      {on && (
        <button class="quiet" aria-pressed={held} aria-label={`Pin ${title}`} onClick={pin}>
          {held ? "pinned" : "pin"}
        </button>
      )}
    </div>
  );
}

export function Grouping({ experimentId, view }: { experimentId: string; view: View }) {
  const query = useQuery({
    queryKey: ["keys", experimentId, "param", "all"],
    queryFn: ({ signal }) => searchKeys(experimentId, "param", "", 10_000, signal),
  });
  return (
    <label>
      Group by{" "}
      <select
        value={view.group}
        onChange={(event) => setQuery({ group: event.currentTarget.value })}
      >
        <option value="">nothing</option>
        {(query.data ?? []).map((key) => (
          <option key={key} value={`params.${quoted(key)}`}>
            {key}
          </option>
        ))}
        <option value="attributes.status">status</option>
      </select>
    </label>
  );
}
