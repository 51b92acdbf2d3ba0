/** Who held which alias, as stretches between the moves. */
import type { AliasChange } from "../api/types";

export interface Stretch {
  alias: string;
  version: number;
  /** Places among the moves, in order: the stretch is from one to the other. */
  from: number;
  to: number;
  change: AliasChange;
  current: boolean;
}

/**
 * Moves stand at equal distances: seconds or months may lie between two of them, and a line by
 * time would show neither.
 */
export function stretchesOf(changes: AliasChange[]): {
  moves: AliasChange[];
  stretches: Stretch[];
} {
  const moves = changes.toSorted((a, b) => a.at - b.at || a.change_id - b.change_id);
  const stretches: Stretch[] = [];
  const open = new Map<string, Stretch>();
  moves.forEach((change, place) => {
    const before = open.get(change.alias);
    if (before) Object.assign(before, { to: place, current: false });
    open.delete(change.alias);
    if (change.version === null) return;
    const { alias, version } = change;
    const stretch = { alias, version, from: place, to: moves.length, change, current: true };
    open.set(alias, stretch);
    stretches.push(stretch);
  });
  return { moves, stretches };
}
