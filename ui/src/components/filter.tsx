/** The filter of a table of runs: completes keys, operators and values, and says what is wrong where. */
import { useQuery } from "@tanstack/preact-query";
import { useEffect, useRef, useState } from "preact/hooks";
import { searchKeys } from "../api/runs";
import type { Run } from "../api/types";
import { cell, columnOf, quoted } from "../lib/columns";
import { accept, FIELDS, operatorsOf, STATUSES, type Wanted, wantedAt } from "../lib/complete";
import { setQuery } from "../lib/router";

const OFFERED = 12;

interface FilterProps {
  experimentId: string;
  filter: string;
  runs: Run[];
  error: Error | null;
}

export function FilterBar({ experimentId, filter, runs, error }: FilterProps) {
  const [text, setText] = useState(filter);
  useEffect(() => setText(filter), [filter]);
  const apply = (value: string) => {
    setText(value);
    setQuery({ filter: value.trim() });
  };
  return (
    <>
      <form
        class="filter"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          apply(text);
        }}
      >
        <Box {...{ experimentId, text, setText, runs, apply }} />
        <button type="submit" class="main">
          Filter
        </button>
        {filter && (
          <button type="button" class="chip" onClick={() => apply("")}>
            {filter} <span aria-label="remove filter">×</span>
          </button>
        )}
      </form>
      {error && <Mistake filter={filter} error={error} />}
    </>
  );
}

/** The server's words, and the place they speak of. */
function Mistake({ filter, error }: { filter: string; error: Error }) {
  const place = Number(/at character (\d+)/.exec(error.message)?.[1] ?? NaN) - 1;
  return (
    <div class="box bad" role="alert">
      <strong>The filter was not understood.</strong> {error.message}
      {Number.isFinite(place) && filter && (
        <p class="note mono">
          {filter.slice(0, place)}
          <mark>{filter.slice(place) || "…"}</mark>
        </p>
      )}
    </div>
  );
}

interface BoxProps {
  experimentId: string;
  text: string;
  setText: (text: string) => void;
  runs: Run[];
  apply: (text: string) => void;
}

/** A combobox after the ARIA pattern: the list follows the cursor, arrows walk, Enter or Tab takes. */
function Box({ experimentId, text, setText, runs, apply }: BoxProps) {
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [cursor, setCursor] = useState(text.length);
  const wanted = wantedAt(text, cursor);
  const offers = useOffers(experimentId, wanted, runs);
  const shown = open && offers.length > 0;
  const take = (chosen: string) => {
    const next = accept(text, wanted as Wanted, chosen, cursor);
    setText(next.text);
    setCursor(next.cursor);
    setActive(-1);
    requestAnimationFrame(() => input.current?.setSelectionRange(next.cursor, next.cursor));
  };
  const follow = () => setCursor(input.current?.selectionStart ?? text.length);
  const onKey = (event: KeyboardEvent) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way && shown) {
      event.preventDefault();
      setActive((active + way + offers.length + (active < 0 && way < 0 ? 1 : 0)) % offers.length);
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      setOpen(true);
    } else if ((event.key === "Enter" || event.key === "Tab") && shown && active >= 0) {
      event.preventDefault();
      take(offers[active] as string);
    } else if (event.key === "Enter") {
      event.preventDefault();
      setOpen(false);
      apply(text);
    } else if (event.key === "Escape" && shown) {
      event.preventDefault();
      setOpen(false);
    }
  };
  return (
    <div class="box-of-filter">
      <input
        ref={input}
        type="search"
        role="combobox"
        aria-label="Filter runs"
        aria-autocomplete="list"
        aria-expanded={shown}
        aria-controls="completions"
        aria-activedescendant={shown && active >= 0 ? `completion-${active}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder="metrics.auc > 0.9 and params.model = 'forest'"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(-1);
          setOpen(true);
          follow();
        }}
        onClick={() => {
          setOpen(true);
          follow();
        }}
        onBlur={() => setOpen(false)}
        onKeyUp={follow}
        onKeyDown={onKey}
      />
      <ul
        id="completions"
        class="completions"
        role="listbox"
        aria-label="Completions"
        hidden={!shown}
      >
        {shown &&
          offers.map((one, at) => (
            <li
              key={one}
              id={`completion-${at}`}
              role="option"
              aria-selected={at === active}
              // The input keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(one)}
            >
              {one}
            </li>
          ))}
      </ul>
    </div>
  );
}

function useOffers(experimentId: string, wanted: Wanted | undefined, runs: Run[]): string[] {
  const key = wanted?.kind === "key" ? wanted : undefined;
  const keys = useQuery({
    queryKey: ["keys", experimentId, key?.of, key?.typed],
    queryFn: ({ signal }) =>
      searchKeys(experimentId, key?.of ?? "metric", key?.typed ?? "", OFFERED, signal),
    enabled: key !== undefined,
    placeholderData: (previous) => previous,
  });
  if (!wanted) return [];
  const begins = (all: string[]) =>
    all
      .filter((one) => one.toLowerCase().startsWith(wanted.typed.toLowerCase()))
      .filter((one) => one !== wanted.typed)
      .slice(0, OFFERED);
  if (wanted.kind === "key") return begins(keys.data ?? []).map(quoted);
  if (wanted.kind === "field") return begins(FIELDS);
  if (wanted.kind === "joint") return begins(["and", "or"]);
  if (wanted.kind === "operator") return begins(operatorsOf(wanted.field));
  return begins(valuesOf(wanted.field, runs));
}

/** Values that the runs at hand have; numbers are for the user to say. */
function valuesOf(field: string, runs: Run[]): string[] {
  if (/^(attributes\.)?status$/.test(field)) return STATUSES.map((one) => `'${one}'`);
  if (!/^(params|tags)\./.test(field)) return [];
  const values = new Set(runs.map((run) => cell(run, columnOf(field))).filter(Boolean));
  return [...values].sort().map((one) => `'${one.replaceAll("'", "''")}'`);
}
