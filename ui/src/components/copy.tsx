/** Something to be copied: an id, an address, a piece of code. */
import { useState } from "preact/hooks";

export function Copy({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<"" | "copied" | "select it and copy by hand">("");
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      // A page that is not served over HTTPS or from this machine may not write there.
      setState("select it and copy by hand");
    }
    setTimeout(() => setState(""), 2000);
  }
  return (
    <button
      type="button"
      class="quiet copy"
      aria-label={`Copy ${what}`}
      onClick={() => void copy()}
    >
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z" fill="none" stroke="currentColor" />
      </svg>
      <span role="status">{state}</span>
    </button>
  );
}

export function CopyId({ id, what }: { id: string; what: string }) {
  return (
    <span class="id">
      <code>{id}</code>
      <Copy text={id} what={what} />
    </span>
  );
}

export function Code({ text, what }: { text: string; what: string }) {
  return (
    <div class="snippet">
      <pre tabIndex={0} role="region" aria-label={what}>
        <code>{text}</code>
      </pre>
      <Copy text={text} what={what} />
    </div>
  );
}
