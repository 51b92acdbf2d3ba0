/** A run's files: folders to walk through, small texts and pictures to look at. */
import { useQuery } from "@tanstack/preact-query";
import { artifactAddress, listArtifacts } from "../api/runs";
import type { FileInfo } from "../api/types";
import { bytes } from "../lib/format";
import { link, place } from "../lib/router";
import { ErrorBox, Loaded } from "./states";

const TEXT = /\.(txt|json|ya?ml|csv|tsv|md|py|log|toml|cfg|sh)$|(^|\/)(MLmodel|MLproject)$/i;
const PICTURE = /\.(png|jpe?g|gif|webp)$/i;
/** Bytes of a text that are shown at most; the rest is a download. */
const SHOWN = 200_000;

export function Artifacts({ runId }: { runId: string }) {
  const folder = place.value.query.get("folder") ?? "";
  const file = place.value.query.get("file") ?? "";
  const query = useQuery({
    queryKey: ["artifacts", runId, folder],
    queryFn: ({ signal }) => listArtifacts(runId, folder, signal),
  });
  const to = (change: Record<string, string>) =>
    link(["runs", runId], { tab: "artifacts", folder, ...change });
  const up = folder.split("/").slice(0, -1).join("/");
  return (
    <div class="artifacts">
      <section aria-label="Files">
        <p class="mono">/{folder}</p>
        <Loaded query={query}>
          {(files) => (
            <ul class="files">
              {folder && (
                <li>
                  <a href={to({ folder: up })}>..</a>
                </li>
              )}
              {files.map((one) => (
                <li key={one.path}>
                  <a href={one.is_dir ? to({ folder: one.path }) : to({ file: one.path })}>
                    {one.path.split("/").at(-1)}
                    {one.is_dir ? "/" : ""}
                  </a>{" "}
                  <span class="muted">{bytes(one.is_dir ? undefined : one.file_size)}</span>
                </li>
              ))}
              {files.length === 0 && <li class="note">No files here.</li>}
            </ul>
          )}
        </Loaded>
      </section>
      {file && (
        <Preview runId={runId} path={file} info={query.data?.find((one) => one.path === file)} />
      )}
    </div>
  );
}

interface PreviewProps {
  runId: string;
  path: string;
  info: FileInfo | undefined;
}

function Preview({ runId, path, info }: PreviewProps) {
  const href = artifactAddress(runId, path);
  const small = (info?.file_size ?? 0) <= SHOWN;
  return (
    <section class="preview" aria-label={`Preview of ${path}`}>
      <p>
        <strong>{path}</strong>{" "}
        <a href={href} download>
          Download
        </a>
      </p>
      {TEXT.test(path) && small ? (
        <Text href={href} path={path} />
      ) : PICTURE.test(path) ? (
        <Picture href={href} path={path} />
      ) : (
        <p class="note">This file has no preview.</p>
      )}
    </section>
  );
}

function Text({ href, path }: { href: string; path: string }) {
  const query = useQuery({
    queryKey: ["text", href],
    queryFn: async ({ signal }) => {
      const answer = await fetch(href, { signal });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${answer.statusText}`);
      return answer.text();
    },
  });
  if (query.error) return <ErrorBox error={query.error} />;
  return (
    <pre tabIndex={0}>
      <code>{query.data ?? ""}</code>
    </pre>
  );
}

/** The server marks every artifact as a download, so the picture is drawn from its bytes. */
function Picture({ href, path }: { href: string; path: string }) {
  const query = useQuery({
    queryKey: ["picture", href],
    queryFn: async ({ signal }) =>
      URL.createObjectURL(await (await fetch(href, { signal })).blob()),
    staleTime: Infinity,
  });
  if (query.error) return <ErrorBox error={query.error} />;
  return query.data ? <img src={query.data} alt={path} /> : null;
}
