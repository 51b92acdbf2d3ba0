/** Where the user is: a path and a query behind `#`, so that every view has an address. */
import { computed, signal } from "@preact/signals";

const hash = signal(location.hash);
addEventListener("hashchange", () => (hash.value = location.hash));

export interface Place {
  path: string[];
  query: URLSearchParams;
}

export function read(text: string): Place {
  const [path = "", query = ""] = text.replace(/^#/, "").split("?", 2);
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  return { path: parts, query: new URLSearchParams(query) };
}

export function link(path: string[], query: Record<string, string | string[]> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== "") parameters.append(name, one);
    }
  }
  const text = parameters.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

export const place = computed(() => read(hash.value));

export function go(target: string): void {
  location.hash = target;
}

/** Change the query of this place without a step in the browser's history; "" removes a name. */
export function setQuery(change: Record<string, string | string[]>): void {
  const { path, query } = place.value;
  const next: Record<string, string[]> = {};
  for (const name of new Set(query.keys())) next[name] = query.getAll(name);
  for (const [name, value] of Object.entries(change)) {
    next[name] = Array.isArray(value) ? value : [value];
  }
  history.replaceState(null, "", link(path, next));
  hash.value = location.hash;
}
