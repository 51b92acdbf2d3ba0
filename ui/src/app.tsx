/** The frame around every page, and which address shows which page. */
import { useQuery } from "@tanstack/preact-query";
import type { ComponentChildren } from "preact";
import { Component } from "preact";
import { whoAmI } from "./api/operations";
import { listApprovals } from "./api/registry";
import { ErrorBox } from "./components/states";
import { link, place } from "./lib/router";
import { choose, type Theme, theme } from "./lib/theme";
import { Approvals } from "./pages/approvals";
import { Audit } from "./pages/audit";
import { Compare } from "./pages/compare";
import { Deployments } from "./pages/deployments";
import { Experiments } from "./pages/experiments";
import { Model } from "./pages/model";
import { Models } from "./pages/models";
import { Run } from "./pages/run";
import { Runs } from "./pages/runs";
import { Version } from "./pages/version";

const TABS: [string, string[]][] = [
  ["Experiments", ["experiments"]],
  ["Models", ["models"]],
  ["Approvals", ["approvals"]],
  ["Deployments", ["deployments"]],
  ["Audit", ["audit"]],
];

export function App() {
  const { path } = place.value;
  const section = path[0] === "runs" || path[0] === "compare" ? "experiments" : path[0];
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href={link([])} aria-label="mainstay">
          <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
            <path
              d="M8 1v14M8 2L2 13M8 2l6 11"
              fill="none"
              stroke="currentColor"
              stroke-width="1.6"
            />
          </svg>
          <span>mainstay</span>
        </a>
        <nav aria-label="Sections">
          {TABS.map(([title, to]) => (
            <a
              href={link(to)}
              aria-current={(section ?? "experiments") === to[0] ? "page" : undefined}
            >
              {title}
              {to[0] === "approvals" && <Waiting />}
            </a>
          ))}
        </nav>
        <Who />
        <select
          aria-label="Colours"
          value={theme.value}
          onChange={(event) => choose(event.currentTarget.value as Theme)}
        >
          <option value="system">System</option>
          <option value="light">Light</option>
          <option value="dark">Dark</option>
        </select>
      </header>
      <main id="main" tabIndex={-1}>
        <Boundary key={path.join("/")}>
          <Page path={path} />
        </Boundary>
      </main>
    </>
  );
}

/** How many requests wait for somebody. */
function Waiting() {
  const query = useQuery({
    queryKey: ["approvals", "pending"],
    queryFn: ({ signal }) => listApprovals({ state: "pending" }, signal),
    refetchInterval: 30_000,
    retry: false,
  });
  const count = query.data?.length ?? 0;
  return count > 0 ? (
    <span class="count">
      {count}
      <span class="hidden"> waiting</span>
    </span>
  ) : null;
}

/** As whom the server sees this browser. */
function Who() {
  const query = useQuery({
    queryKey: ["who"],
    queryFn: ({ signal }) => whoAmI(signal),
    staleTime: 60_000,
    retry: false,
  });
  const { data } = query;
  return (
    <span class="who end" title={data && `role ${data.role}`}>
      {data?.name}
    </span>
  );
}

function Page({ path: [noun, id, part] }: { path: string[] }) {
  if (noun === undefined || (noun === "experiments" && !id)) return <Experiments />;
  // MLflow's own links: #/experiments/1/runs/<id>
  if (noun === "experiments" && part === "runs" && place.value.path[3]) {
    return <Run id={place.value.path[3]} />;
  }
  if (noun === "experiments") return <Runs key={id} experimentId={id as string} />;
  if (noun === "runs" && id) return <Run key={id} id={id} />;
  if (noun === "compare") return <Compare />;
  if (noun === "models" && id && part) {
    return <Version key={`${id}/${part}`} name={id} version={part} />;
  }
  if (noun === "models" && id) return <Model key={id} name={id} />;
  if (noun === "models") return <Models />;
  if (noun === "approvals") return <Approvals />;
  if (noun === "deployments") return <Deployments />;
  if (noun === "audit") return <Audit />;
  return <ErrorBox error={new Error(`There is no page ${place.value.path.join("/")}.`)} />;
}

/** One broken page does not take the frame with it; going elsewhere resets it. */
class Boundary extends Component<{ children: ComponentChildren }, { error?: Error }> {
  override state: { error?: Error } = {};

  static override getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? <ErrorBox error={this.state.error} /> : this.props.children;
  }
}
