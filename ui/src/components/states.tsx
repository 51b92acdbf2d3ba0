/** What a page shows while it waits, when it failed, and when there is nothing yet. */
import type { ComponentChildren } from "preact";

export function ErrorBox({ error }: { error: Error }) {
  return (
    <div class="box bad" role="alert">
      <strong>That did not work.</strong> {error.message}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="box empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: Error | null;
  isPending: boolean;
}

/** Show an answer when it is there; a skeleton appears late, so that quick answers do not flicker. */
export function Loaded<T>(props: { query: Asked<T>; children: (data: T) => ComponentChildren }) {
  const { data, error, isPending } = props.query;
  if (error) return <ErrorBox error={error} />;
  if (isPending || data === undefined) {
    return (
      <p class="waiting" role="status">
        Loading…
      </p>
    );
  }
  return <>{props.children(data)}</>;
}
