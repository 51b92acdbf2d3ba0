/** A run's files: folders to walk through, and a look into each file. */
import { useQuery } from "@tanstack/preact-query";
import { listArtifacts } from "../api/runs";
import { bytes } from "../lib/format";
import { link, place } from "../lib/router";
import { Preview } from "./preview";
import { Empty, Loaded } from "./states";

export function Artifacts({ runId }: { runId: string }) {
  const folder = place.value.query.get("folder") ?? "";
  const file = place.value.query.get("file") ?? "";
  const query = useQuery({
    queryKey: ["artifacts", runId, folder],
    queryFn: ({ signal }) => listArtifacts(runId, folder, signal),
  });
  const to = (change: Record<string, string>) =>
    link(["runs", runId], { tab: "artifacts", folder, ...change });
  const parts = folder.split("/").filter(Boolean);
  return (
    <div class="artifacts">
      <section aria-label="Files">
        <p class="mono path">
          <a href={to({ folder: "" })} aria-label="All files">
            files
          </a>
          {parts.map((part, at) => (
            <span key={part}>
              {" / "}
              <a href={to({ folder: parts.slice(0, at + 1).join("/") })}>{part}</a>
            </span>
          ))}
        </p>
        <Loaded query={query}>
          {(files) => (
            <ul class="files">
              {files
                .toSorted((a, b) => Number(b.is_dir) - Number(a.is_dir))
                .map((one) => (
                  <li key={one.path}>
                    <a
                      href={one.is_dir ? to({ folder: one.path }) : to({ file: one.path })}
                      aria-current={one.path === file ? "true" : undefined}
                    >
                      <span class="mono">
                        {one.path.split("/").at(-1)}
                        {one.is_dir ? "/" : ""}
                      </span>
                      <span class="muted">{bytes(one.is_dir ? undefined : one.file_size)}</span>
                    </a>
                  </li>
                ))}
              {files.length === 0 && <li class="note">No files here.</li>}
            </ul>
          )}
        </Loaded>
      </section>
      {file ? (
        <Preview
          key={file}
          runId={runId}
          path={file}
          info={query.data?.find((one) => one.path === file)}
        />
      ) : (
        <Empty title="Choose a file">
          <p>
            Tables, Markdown, JSON, text and pictures are shown here. Log more with{" "}
            <code>mainstay.log_artifact("report.md")</code>.
          </p>
        </Empty>
      )}
    </div>
  );
}
