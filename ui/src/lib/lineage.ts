/** A version's lineage as boxes in columns, from what it was made of to what it became. */
import type { Lineage } from "../api/types";
import { link } from "./router";

export interface Box {
  id: string;
  column: number;
  row: number;
  kind: string;
  text: string;
  href?: string;
}

export interface Graph {
  boxes: Box[];
  edges: [string, string][];
  columns: number;
  rows: number;
}

const [SOURCES, INPUTS, RUN, VERSION, USES] = [0, 1, 2, 3, 4];

export function graphOf(lineage: Lineage): Graph {
  const boxes: Box[] = [];
  const edges: [string, string][] = [];
  const add = (column: number, id: string, kind: string, text: string, href?: string) => {
    if (boxes.some((one) => one.id === id)) return id;
    const row = boxes.filter((one) => one.column === column).length;
    boxes.push({ id, column, row, kind, text, ...(href ? { href } : {}) });
    return id;
  };
  const version = add(VERSION, "version", "version", `${lineage.name} v${lineage.version}`);
  const { run } = lineage;
  if (run) {
    const made = add(RUN, "run", "run", run.run_name, link(["runs", run.run_id]));
    edges.push([made, version]);
    for (const data of run.data ?? []) {
      const use = data.context ? `data, ${data.context}` : "data";
      const input = add(INPUTS, `data ${data.digest}`, use, data.name);
      edges.push([input, made]);
      for (const parent of data.parents ?? []) {
        edges.push([add(SOURCES, `data ${parent.digest}`, "data", parent.name), input]);
      }
    }
    if (run.code?.commit) {
      edges.push([add(INPUTS, "code", "commit", run.code.commit.slice(0, 12)), made]);
    }
    for (const [place, parent] of (lineage.parents ?? []).entries()) {
      const known = parent.versions?.[0];
      const text = known ? `${known.name} v${known.version}` : (parent.name ?? parent.model_id);
      const href = known ? link(["models", known.name, String(known.version)]) : undefined;
      edges.push([add(INPUTS, `parent ${place}`, "parent model", text ?? "a model", href), made]);
    }
  }
  for (const alias of lineage.aliases) {
    edges.push([version, add(USES, `alias ${alias}`, "alias", `@${alias}`)]);
  }
  for (const one of lineage.deployments) {
    const id = `deployment ${one.deployment}`;
    edges.push([
      version,
      add(USES, id, `deployment, ${one.state}`, one.deployment, link(["deployments"])),
    ]);
  }
  return closed(boxes, edges);
}

/** Columns that hold nothing are left out. */
function closed(boxes: Box[], edges: [string, string][]): Graph {
  const used = [...new Set(boxes.map((one) => one.column))].sort();
  const moved = boxes.map((one) => ({ ...one, column: used.indexOf(one.column) }));
  const rows = Math.max(...moved.map((one) => one.row + 1));
  return { boxes: moved, edges, columns: used.length, rows };
}
