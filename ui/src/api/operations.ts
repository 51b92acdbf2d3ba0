/** What is serving, what alerts say, and who did what. */
import { get, own } from "./client";
import type { Alert, AuditEntry, Deployment, Principal } from "./types";

export async function listDeployments(signal?: AbortSignal): Promise<Deployment[]> {
  return (await get<{ deployments: Deployment[] }>(own("deployments"), {}, signal)).deployments;
}

export async function listAlerts(signal?: AbortSignal): Promise<Alert[]> {
  return (await get<{ alerts: Alert[] }>(own("monitoring/alerts"), {}, signal)).alerts;
}

export async function listAudit(signal?: AbortSignal): Promise<AuditEntry[]> {
  return (await get<{ entries: AuditEntry[] }>(own("audit"), { limit: 1000 }, signal)).entries;
}

export async function whoAmI(signal?: AbortSignal): Promise<Principal> {
  return (await get<{ principal: Principal }>(own("whoami"), {}, signal)).principal;
}
