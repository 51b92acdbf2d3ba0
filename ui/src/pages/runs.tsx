/** The runs of an experiment: the server filters and sorts, the page draws the rows in view. */
import { useInfiniteQuery, useQuery } from "@tanstack/preact-query";
import { useMemo, useState } from "preact/hooks";
import { getExperiment, searchRuns } from "../api/runs";
import { RunTable } from "../components/runtable";
import { Empty, ErrorBox, Loaded } from "../components/states";
import { columnsOf, HEAD, readOrder } from "../lib/columns";
import { go, link, place, setQuery } from "../lib/router";

export function Runs({ experimentId }: { experimentId: string }) {
  const filter = place.value.query.get("filter") ?? "";
  const order = readOrder(place.value.query.get("order"));
  const experiment = useQuery({
    queryKey: ["experiment", experimentId],
    queryFn: ({ signal }) => getExperiment(experimentId, signal),
  });
  const query = useInfiniteQuery({
    queryKey: ["runs", experimentId, filter, order.field, order.descending],
    queryFn: ({ pageParam, signal }) =>
      searchRuns(
        experimentId,
        filter,
        [`${order.field} ${order.descending ? "DESC" : "ASC"}`],
        pageParam || undefined,
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.token,
    refetchInterval: 5000,
    placeholderData: (previous) => previous,
  });
  const runs = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.runs), [query.data]);
  const columns = useMemo(() => [...HEAD, ...columnsOf(runs)], [runs]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={link(["experiments"])}>Experiments</a>
      </nav>
      <Loaded query={experiment}>{(found) => <h1>{found.name}</h1>}</Loaded>
      <FilterBar filter={filter} />
      {query.error && <ErrorBox error={query.error} />}
      {query.isPending && !query.error && <p class="waiting">Loading…</p>}
      {query.isSuccess && runs.length === 0 && <NoRuns filter={filter} />}
      {runs.length > 0 && (
        <>
          <div class="actions" role="toolbar" aria-label="Selected runs">
            <span class="muted" role="status">
              {runs.length}
              {query.hasNextPage ? "+" : ""} runs, {selected.size} selected
            </span>
            <button
              disabled={selected.size < 2}
              onClick={() => go(link(["compare"], { run: [...selected] }))}
            >
              Compare
            </button>
            {selected.size > 0 && (
              <button onClick={() => setSelected(new Set())}>Clear selection</button>
            )}
          </div>
          <RunTable
            runs={runs}
            columns={columns}
            order={order}
            selected={selected}
            onOrder={(next) => setQuery({ order: next })}
            onSelect={setSelected}
            onEnd={() => {
              if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
            }}
          />
        </>
      )}
    </>
  );
}

function FilterBar({ filter }: { filter: string }) {
  const [text, setText] = useState(filter);
  const apply = (value: string) => {
    setText(value);
    setQuery({ filter: value });
  };
  return (
    <form
      class="filter"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        apply(text.trim());
      }}
    >
      <input
        type="search"
        aria-label="Filter runs"
        placeholder="metrics.auc > 0.9 and params.model = 'forest'"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit">Filter</button>
      {filter && (
        <button type="button" class="chip" onClick={() => apply("")}>
          {filter} <span aria-label="remove filter">×</span>
        </button>
      )}
    </form>
  );
}

function NoRuns({ filter }: { filter: string }) {
  return filter ? (
    <Empty title="No run fits the filter">
      <p>
        The filter is <code>{filter}</code>.
      </p>
    </Empty>
  ) : (
    <Empty title="No runs yet">
      <pre>
        <code>{`import mainstay

mainstay.set_tracking_uri("${location.origin}")
with mainstay.start_run():
    mainstay.log_metric("loss", 0.1)`}</code>
      </pre>
    </Empty>
  );
}
