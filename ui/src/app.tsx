/** The frame around every page, and which address shows which page. */
import type { ComponentChildren } from "preact";
import { Component } from "preact";
import { ErrorBox } from "./components/states";
import { link, place } from "./lib/router";
import { Audit } from "./pages/audit";
import { Compare } from "./pages/compare";
import { Deployments } from "./pages/deployments";
import { Experiments } from "./pages/experiments";
import { Model, Models } from "./pages/registry";
import { Run } from "./pages/run";
import { Runs } from "./pages/runs";
import { Version } from "./pages/version";

const TABS: [string, string[]][] = [
  ["Experiments", ["experiments"]],
  ["Models", ["models"]],
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
        <a class="brand" href={link([])}>
          mainstay
        </a>
        <nav aria-label="Sections">
          {TABS.map(([title, to]) => (
            <a
              href={link(to)}
              aria-current={(section ?? "experiments") === to[0] ? "page" : undefined}
            >
              {title}
            </a>
          ))}
        </nav>
      </header>
      <main id="main" tabIndex={-1}>
        <Boundary key={path.join("/")}>
          <Page path={path} />
        </Boundary>
      </main>
    </>
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
