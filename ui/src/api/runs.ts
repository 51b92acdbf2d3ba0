/** Experiments, runs, their series and their files. */
import { address, get, mlflow, own, post } from "./client";
import type { Experiment, FileInfo, Pulse, Run, Series } from "./types";

/** Runs of the first page, which is waited for, and of those that are fetched ahead. */
const [FIRST_PAGE, NEXT_PAGE] = [100, 400];

export async function searchExperiments(signal?: AbortSignal): Promise<Experiment[]> {
  const answer = await post<{ experiments?: Experiment[] }>(
    mlflow("experiments/search"),
    { max_results: 1000 },
    signal,
  );
  return answer.experiments ?? [];
}

export async function getExperiment(id: string, signal?: AbortSignal): Promise<Experiment> {
  const answer = await get<{ experiment: Experiment }>(
    mlflow("experiments/get"),
    { experiment_id: id },
    signal,
  );
  return answer.experiment;
}

export interface RunPage {
  runs: Run[];
  token: string | undefined;
}

export async function searchRuns(
  experimentId: string,
  filter: string,
  orderBy: string[],
  token?: string,
  signal?: AbortSignal,
): Promise<RunPage> {
  const answer = await post<{ runs?: Run[]; next_page_token?: string }>(
    mlflow("runs/search"),
    {
      experiment_ids: [experimentId],
      filter,
      order_by: orderBy,
      max_results: token ? NEXT_PAGE : FIRST_PAGE,
      ...(token ? { page_token: token } : {}),
    },
    signal,
  );
  const runs = await withPulses(answer.runs ?? [], signal);
  return { runs, token: answer.next_page_token };
}

export async function getRun(runId: string, signal?: AbortSignal): Promise<Run> {
  const { run } = await get<{ run: Run }>(mlflow("runs/get"), { run_id: runId }, signal);
  return (await withPulses([run], signal))[0] ?? run;
}

/** Add when running runs were last heard of: one whose heartbeats stopped is lost. */
async function withPulses(runs: Run[], signal?: AbortSignal): Promise<Run[]> {
  const running = runs.filter((run) => run.info.status === "RUNNING");
  if (running.length === 0) return runs;
  const ids = running.map((run) => run.info.run_id);
  const answer = await post<{ pulses?: Pulse[] }>(own("runs/pulses"), { run_ids: ids }, signal);
  const known = new Map((answer.pulses ?? []).map((pulse) => [pulse.run_id, pulse]));
  return runs.map((run) => {
    const pulse = known.get(run.info.run_id);
    return pulse ? { ...run, pulse } : run;
  });
}

export async function getSeries(
  runIds: string[],
  key: string,
  range?: [number, number],
  signal?: AbortSignal,
): Promise<Series[]> {
  const bounds = range ? { start_step: Math.floor(range[0]), end_step: Math.ceil(range[1]) } : {};
  const answer = await post<{ series: Series[] }>(
    own("runs/series"),
    { run_ids: runIds, key, points: 800, ...bounds },
    signal,
  );
  return answer.series;
}

export async function listArtifacts(
  runId: string,
  path: string,
  signal?: AbortSignal,
): Promise<FileInfo[]> {
  const query = path ? { run_id: runId, path } : { run_id: runId };
  return (await get<{ files?: FileInfo[] }>(mlflow("artifacts/list"), query, signal)).files ?? [];
}

export function artifactAddress(runId: string, path: string): string {
  return address("get-artifact", { run_id: runId, path });
}

export type KeyKind = "metric" | "param" | "tag";

/** Keys that were ever logged in an experiment. */
export async function searchKeys(
  experimentId: string,
  kind: KeyKind,
  prefix: string,
  limit: number,
  signal?: AbortSignal,
): Promise<string[]> {
  const asked = { experiment_ids: [experimentId], kind, prefix, limit };
  return (await post<{ keys: string[] }>(own("experiments/search-keys"), asked, signal)).keys;
}
