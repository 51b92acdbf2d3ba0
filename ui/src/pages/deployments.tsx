/** What is serving, and what the monitor says about it. */
import { useQuery } from "@tanstack/preact-query";
import { listAlerts, listDeployments } from "../api/operations";
import type { Alert } from "../api/types";
import { Code } from "../components/copy";
import { Empty, Loaded } from "../components/states";
import { ago } from "../lib/format";
import { link } from "../lib/router";

const ICON: Record<Alert["state"], string> = {
  inactive: "○",
  pending: "◔",
  firing: "▲",
  resolved: "✓",
};

const TONE: Record<Alert["state"], string> = {
  inactive: "muted",
  pending: "warn",
  firing: "bad",
  resolved: "ok",
};

export function Deployments() {
  const deployments = useQuery({
    queryKey: ["deployments"],
    queryFn: ({ signal }) => listDeployments(signal),
    refetchInterval: 3000,
  });
  const alerts = useQuery({
    queryKey: ["alerts"],
    queryFn: ({ signal }) => listAlerts(signal),
    refetchInterval: 3000,
  });
  return (
    <>
      <h1>Deployments</h1>
      <Loaded query={deployments}>
        {(found) =>
          found.length === 0 ? (
            <Empty title="Nothing is serving">
              <p>Serve a model that follows its alias:</p>
              <Code
                what="command that serves a model"
                text="mainstay models serve -m models:/churn@champion"
              />
            </Empty>
          ) : (
            <table class="list" aria-label="Deployments">
              <thead>
                <tr>
                  <th scope="col">Deployment</th>
                  <th scope="col">State</th>
                  <th scope="col">Serving</th>
                  <th scope="col">Wanted</th>
                  <th scope="col">Address</th>
                  <th scope="col">Heard of</th>
                </tr>
              </thead>
              <tbody>
                {found.map((one) => (
                  <tr key={one.deployment}>
                    <td>
                      <a href={link(["models", one.name])}>{one.deployment}</a>
                    </td>
                    <td class="wrap">
                      {one.state} {one.message}
                    </td>
                    <td>{one.serving_version}</td>
                    <td>{one.desired_version}</td>
                    <td class="mono">{one.url}</td>
                    <td>{ago(one.updated_at)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
      <h2>Alerts</h2>
      <Loaded query={alerts}>
        {(found) =>
          found.length === 0 ? (
            <p class="note">No alert yet.</p>
          ) : (
            <table class="list" aria-label="Alerts">
              <thead>
                <tr>
                  <th scope="col">State</th>
                  <th scope="col">Deployment</th>
                  <th scope="col">Version</th>
                  <th scope="col">What</th>
                  <th scope="col">Since</th>
                </tr>
              </thead>
              <tbody>
                {found.map((alert) => (
                  <tr key={alert.alert_id}>
                    <td class={`mark ${TONE[alert.state]}`}>
                      <span aria-hidden="true">{ICON[alert.state]}</span> {alert.state}
                    </td>
                    <td>{alert.deployment}</td>
                    <td>{alert.version}</td>
                    <td class="wrap">
                      {alert.kind.replaceAll("_", " ")} {alert.subject && <b>{alert.subject}</b>}{" "}
                      {alert.message}
                    </td>
                    <td>{ago(alert.since)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </>
  );
}
