/** Pictures logged at steps: the name of each file says its key, step and time. */

export interface Step {
  step: number;
  timestamp: number;
  path: string;
}

// images/<key>+step+<n>+timestamp+<ms>+<uuid>.png; older clients separate with %.
const NAME = /^images\/(.+)([+%])step\2(-?\d+)\2timestamp\2(\d+)\2[^+%]+\.(?:png|jpe?g|webp|gif)$/;

/** Key → its pictures in order of step and time. Slashes in a key are written as ~. */
export function imagesByKey(paths: string[]): Map<string, Step[]> {
  const found = new Map<string, Step[]>();
  for (const path of paths) {
    const parts = NAME.exec(path);
    if (!parts) continue;
    const key = (parts[1] as string).replaceAll(/[~#]/g, "/");
    const steps = found.get(key) ?? [];
    steps.push({ step: Number(parts[3]), timestamp: Number(parts[4]), path });
    found.set(key, steps);
  }
  for (const steps of found.values()) {
    steps.sort((a, b) => a.step - b.step || a.timestamp - b.timestamp);
  }
  return new Map([...found].sort(([a], [b]) => a.localeCompare(b)));
}

/** The picture shown at a step: the last one not after it, else the first. */
export function at(steps: Step[], step: number): Step | undefined {
  return steps.findLast((one) => one.step <= step) ?? steps[0];
}
