/** Pictures logged at steps: a slider walks through them, for one run or several beside each other. */
import { useQueries, useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { getImages } from "../api/files";
import { artifactAddress } from "../api/runs";
import { at, imagesByKey, type Step } from "../lib/images";
import type { Named } from "./plots/panel";
import { ErrorBox } from "./states";

export function Gallery({ runs }: { runs: Named[] }) {
  const queries = useQueries({
    queries: runs.map(({ id }) => ({
      queryKey: ["images", id],
      queryFn: ({ signal }: { signal: AbortSignal }) => getImages(id, signal),
      staleTime: 30_000,
    })),
  });
  const failed = queries.find((query) => query.error)?.error;
  if (failed) return <ErrorBox error={failed} />;
  const found = runs.map((run, who) => ({ run, keys: imagesByKey(queries[who]?.data ?? []) }));
  const keys = [...new Set(found.flatMap((one) => [...one.keys.keys()]))].sort();
  return (
    <>
      {keys.map((key) => (
        <Slides
          key={key}
          name={key}
          strips={found.map(({ run, keys }) => ({ run, steps: keys.get(key) ?? [] }))}
        />
      ))}
    </>
  );
}

interface SlidesProps {
  name: string;
  strips: { run: Named; steps: Step[] }[];
}

function Slides({ name, strips }: SlidesProps) {
  const steps = [...new Set(strips.flatMap((one) => one.steps.map((slide) => slide.step)))];
  steps.sort((a, b) => a - b);
  const [place, setPlace] = useState(steps.length - 1);
  const step = steps[Math.min(place, steps.length - 1)] ?? 0;
  return (
    <figure class="plot gallery" aria-label={`Images ${name}`}>
      <figcaption>
        <strong>{name}</strong>
        <span class="muted">
          step {step}, {Math.min(place, steps.length - 1) + 1} of {steps.length}
        </span>
      </figcaption>
      <div class="strip">
        {strips.map(({ run, steps: own }) => {
          const slide = at(own, step);
          return (
            <div key={run.id}>
              {strips.length > 1 && <p class="note">{run.name}</p>}
              {slide ? (
                <Picture
                  runId={run.id}
                  path={slide.path}
                  alt={`${name} of ${run.name} at step ${slide.step}`}
                />
              ) : (
                <p class="note">None.</p>
              )}
            </div>
          );
        })}
      </div>
      {steps.length > 1 && (
        <input
          type="range"
          min={0}
          max={steps.length - 1}
          value={place}
          aria-label={`Step of ${name}`}
          aria-valuetext={`step ${step}`}
          onInput={(event) => setPlace(Number(event.currentTarget.value))}
        />
      )}
    </figure>
  );
}

/** The server marks every artifact as a download, so a picture is drawn from its bytes. */
export function Picture({ runId, path, alt }: { runId: string; path: string; alt: string }) {
  const href = artifactAddress(runId, path);
  const query = useQuery({
    queryKey: ["picture", href],
    queryFn: async ({ signal }) => {
      const answer = await fetch(href, { signal });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${answer.statusText}`);
      return URL.createObjectURL(await answer.blob());
    },
    staleTime: Infinity,
    placeholderData: (previous) => previous,
  });
  if (query.error) return <ErrorBox error={query.error} />;
  return query.data ? <img src={query.data} alt={alt} /> : <div class="skeleton picture" />;
}
