/** A model card: what is known of a version, and what people wrote beside it. */
import { useQueryClient } from "@tanstack/preact-query";
import { useMemo, useState } from "preact/hooks";
import { setVersionTag } from "../api/registry";
import type { CardAnswer, CardSection } from "../api/types";
import { ErrorBox } from "./states";

export function Card({ answer }: { answer: CardAnswer }) {
  const { name, version, sections } = answer.card;
  const file = `${name}-${version}`;
  return (
    <>
      <p class="note">
        Export: <Export text={answer.markdown} type="text/markdown" file={`${file}.md`} />{" "}
        <Export text={answer.html} type="text/html" file={`${file}.html`} />
      </p>
      {sections.map((part) => (
        <Section key={part.key} name={name} version={version} part={part} />
      ))}
    </>
  );
}

function Export({ text, type, file }: { text: string; type: string; file: string }) {
  const href = useMemo(() => URL.createObjectURL(new Blob([text], { type })), [text, type]);
  return (
    <a href={href} download={file}>
      {file}
    </a>
  );
}

interface SectionProps {
  name: string;
  version: number;
  part: CardSection;
}

function Section({ name, version, part }: SectionProps) {
  return (
    <section aria-label={part.title}>
      <h2>{part.title}</h2>
      {part.editable ? (
        <Written name={name} version={version} part={part} />
      ) : (
        part.text && <p class="written">{part.text}</p>
      )}
      {part.table && (
        <div class="scroll" tabIndex={0} role="region" aria-label={part.title}>
          <table class="list" aria-label={part.title}>
            <thead>
              <tr>
                {part.table.columns.map((head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {part.table.rows.map((row, place) => (
                <tr key={place}>
                  {row.map((cell, column) => (
                    <td key={column} class="wrap">
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Written({ name, version, part }: SectionProps) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<string>();
  const [error, setError] = useState<Error>();
  if (draft === undefined) {
    return (
      <>
        <p class={part.text ? "written" : "note"}>{part.text || "Nothing was written yet."}</p>
        <button aria-label={`Edit ${part.title}`} onClick={() => setDraft(part.text)}>
          Edit
        </button>
      </>
    );
  }
  async function save() {
    try {
      await setVersionTag(name, version, `mainstay.card.${part.key}`, draft ?? "");
      await client.invalidateQueries({ queryKey: ["card", name] });
      setDraft(undefined);
    } catch (reason) {
      setError(reason as Error);
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        aria-label={part.title}
        rows={6}
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
      />
      <button type="submit">Save</button>{" "}
      <button type="button" onClick={() => setDraft(undefined)}>
        Cancel
      </button>
      {error && <ErrorBox error={error} />}
    </form>
  );
}
