/** The contents of a run's files: texts by their beginning, plots, pictures. */
import { type PlotFile, plotPaths, readPlot } from "../lib/plots";
import { ApiError } from "./client";
import { artifactAddress, listArtifacts } from "./runs";

/** Bytes of a text that are read at most; the rest is a download. */
export const SHOWN = 400_000;

export interface Beginning {
  text: string;
  /** Bytes of the whole file, where only its beginning was read. */
  of: number | undefined;
}

/** The beginning of a text: a file of gigabytes costs what a small one does. */
export async function readText(
  runId: string,
  path: string,
  size: number | undefined,
  signal?: AbortSignal,
): Promise<Beginning> {
  // An empty file has no range that could be asked for.
  if (size === 0) return { text: "", of: undefined };
  const answer = await fetch(artifactAddress(runId, path), {
    headers: { Range: `bytes=0-${SHOWN - 1}` },
    signal: signal ?? null,
  });
  if (!answer.ok) throw new ApiError(answer.status, "", `${path}: ${answer.statusText}`);
  const whole = Number(/\/(\d+)$/.exec(answer.headers.get("Content-Range") ?? "")?.[1] ?? 0);
  return { text: await answer.text(), of: whole > SHOWN ? whole : undefined };
}

/** Every plot of a run: what is logged as data, in the order of the files' names. */
export async function getPlots(runId: string, signal?: AbortSignal): Promise<PlotFile[]> {
  const top = await listArtifacts(runId, "", signal);
  const inner = top.some((one) => one.is_dir && one.path === "plots")
    ? await listArtifacts(runId, "plots", signal)
    : [];
  const files = [...top, ...inner].filter((one) => !one.is_dir);
  const sizes = new Map(files.map((one) => [one.path, one.file_size]));
  const read = await Promise.all(
    plotPaths([...sizes.keys()]).map(async (path) => {
      const { text } = await readText(runId, path, sizes.get(path), signal);
      return { path, plot: readPlot(path, text) };
    }),
  );
  return read.flatMap(({ path, plot }) => (plot ? [{ path, plot }] : []));
}

/** Paths of the pictures that were logged at steps. */
export async function getImages(runId: string, signal?: AbortSignal): Promise<string[]> {
  const top = await listArtifacts(runId, "", signal);
  if (!top.some((one) => one.is_dir && one.path === "images")) return [];
  return (await listArtifacts(runId, "images", signal)).map((one) => one.path);
}
