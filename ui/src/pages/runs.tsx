/** The runs of an experiment: the server filters and sorts, the page draws the rows in view. */
import { useInfiniteQuery, useQuery } from "@tanstack/preact-query";
import { useEffect, useMemo, useState } from "preact/hooks";
import { getExperiment, searchRuns } from "../api/runs";
import { ColumnPicker, Grouping } from "../components/columns";
import { Code, Copy } from "../components/copy";
import { FilterBar } from "../components/filter";
import { RunTable } from "../components/runtable";
import { Empty, Loaded, Skeleton } from "../components/states";
import { columnsOfPages } from "../lib/columns";
import { go, link, place, setQuery } from "../lib/router";
import { columnsIn, orderBy, readView, SHOWN } from "../lib/view";

/** Beyond so many pages nothing is asked for again by itself: it would be all of them. */
const LIVE_PAGES = 2;

export function Runs({ experimentId }: { experimentId: string }) {
  const { query: asked } = place.value;
  const view = useMemo(() => readView(asked), [asked]);
  const { filter } = view;
  const order = orderBy(view);
  const experiment = useQuery({
    queryKey: ["experiment", experimentId],
    queryFn: ({ signal }) => getExperiment(experimentId, signal),
  });
  const query = useInfiniteQuery({
    queryKey: ["runs", experimentId, filter, order],
    queryFn: ({ pageParam, signal }) =>
      searchRuns(experimentId, filter, order, pageParam || undefined, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.token,
    refetchInterval: ({ state }) =>
      (state.data?.pages.length ?? 0) <= LIVE_PAGES && !state.error ? 5000 : false,
    refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 0) <= LIVE_PAGES,
    retry: false,
    // Comparing ten thousand runs in depth after each page would cost more than drawing the rows.
    structuralSharing: false,
    placeholderData: (previous) => previous,
  });
  const runs = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.runs), [query.data]);
  const all = useMemo(() => columnsOfPages(query.data?.pages ?? []), [query.data]);
  const columns = useMemo(() => columnsIn(view, all), [view, all]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const compare = () => go(link(["compare"], { run: [...selected] }));
  useSlash();
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={link(["experiments"])}>Experiments</a>
      </nav>
      <Loaded query={experiment} rows={1}>
        {(found) => (
          <h1>
            {found.name} <Copy text={experimentId} what="experiment id" />
          </h1>
        )}
      </Loaded>
      <FilterBar {...{ experimentId, filter, runs }} error={query.error} />
      {query.isPending && !query.error && <Skeleton rows={12} />}
      {query.isSuccess && runs.length === 0 && <NoRuns filter={filter} />}
      {runs.length > 0 && (
        <>
          <div class="actions" role="toolbar" aria-label="The table">
            <button class="main" disabled={selected.size < 2} onClick={compare}>
              Compare
            </button>
            {selected.size > 0 && (
              <button onClick={() => setSelected(new Set())}>Clear selection</button>
            )}
            <ColumnPicker experimentId={experimentId} view={view} shown={columns} />
            <Grouping experimentId={experimentId} view={view} />
            <button
              class="toggle"
              aria-pressed={view.roomy}
              onClick={() => setQuery({ rows: view.roomy ? "" : "roomy" })}
            >
              Roomy
            </button>
            <span class="muted end" role="status">
              {runs.length.toLocaleString()}
              {query.hasNextPage ? "+" : ""} runs, {selected.size} selected
              {!view.chosen && all.length > SHOWN && `, ${SHOWN} of ${all.length} columns`}
            </span>
          </div>
          <RunTable
            runs={runs}
            columns={columns}
            view={view}
            selected={selected}
            onSelect={setSelected}
            onCompare={compare}
            onEnd={() => {
              if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
            }}
          />
        </>
      )}
    </>
  );
}

/** The slash key goes to the filter, unless somebody is typing. */
function useSlash() {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement).matches("input, textarea, select");
      if (event.key !== "/" || typing) return;
      event.preventDefault();
      document.querySelector<HTMLElement>(".filter input")?.focus();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}

function NoRuns({ filter }: { filter: string }) {
  return filter ? (
    <Empty title="No run fits the filter">
      <p>
        The filter is <code>{filter}</code>. Parameters and tags are texts, in quotes; metrics are
        numbers, without.
      </p>
      <button onClick={() => setQuery({ filter: "" })}>Show all runs</button>
    </Empty>
  ) : (
    <Empty title="No runs yet">
      <p>Log one from Python:</p>
      <Code
        what="code that logs a run"
        text={`import mainstay

mainstay.set_tracking_uri("${location.origin}")
with mainstay.start_run():
    mainstay.log_metric("loss", 0.1)`}
      />
    </Empty>
  );
}
