/** Light or dark: as the system says, unless somebody chose; kept in the browser. */
import { computed, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEY = "mainstay.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", (event) => (systemDark.value = event.matches));

export const theme = signal<Theme>(stored());

/** Whether the page is dark now; charts draw with it. */
export const dark = computed(() =>
  theme.value === "system" ? systemDark.value : theme.value === "dark",
);

export function choose(next: Theme): void {
  theme.value = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A browser without storage forgets the choice; nothing else changes.
  }
  show();
}

/** The style sheet follows this attribute; without it, the system. */
export function show(): void {
  if (theme.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}

function stored(): Theme {
  try {
    const found = localStorage.getItem(KEY);
    return found === "light" || found === "dark" ? found : "system";
  } catch {
    return "system";
  }
}
