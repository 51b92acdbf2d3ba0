/** What a page shows while it waits, when it failed, and when there is nothing yet. */
import type { ComponentChildren } from "preact";
import { ApiError } from "../api/client";

export function ErrorBox({ error }: { error: Error }) {
  const advice = adviceOn(error);
  return (
    <div class="box bad" role="alert">
      <strong>That did not work.</strong> {error.message}
      {advice && <p class="note">{advice}</p>}
    </div>
  );
}

/** What to do about an error whose message cannot know it. */
function adviceOn(error: Error): string {
  if (error instanceof TypeError && /fetch/i.test(error.message)) {
    return "The server did not answer. Is it still running? This page asks again by itself.";
  }
  if (!(error instanceof ApiError)) return "";
  if (error.status === 401) return "Sign in first: mainstay login, or open the page with a token.";
  if (error.status >= 500) return "The server's log says more; it names this request.";
  return "";
}

export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="box empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** The place of something that is on its way; it appears late, so that quick answers do not flicker. */
export function Skeleton({ rows = 4 }: { rows?: number }) {
  return (
    <div class="waiting" role="status">
      <span class="hidden">Loading…</span>
      {Array.from({ length: rows }, (_, at) => (
        <div key={at} class="skeleton line" aria-hidden="true" />
      ))}
    </div>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: Error | null;
  isPending: boolean;
}

/** Show an answer when it is there. What was there stays while it is asked for again. */
export function Loaded<T>(props: {
  query: Asked<T>;
  rows?: number;
  children: (data: T) => ComponentChildren;
}) {
  const { data, error, isPending } = props.query;
  if (error && data === undefined) return <ErrorBox error={error} />;
  if (isPending || data === undefined) return <Skeleton rows={props.rows ?? 4} />;
  return (
    <>
      {error && <ErrorBox error={error} />}
      {props.children(data)}
    </>
  );
}
