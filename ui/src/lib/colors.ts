/** Colours of runs: the same run has the same colour while it stays selected. */

/** Chosen to stay apart for every kind of colour vision, at 3:1 or more against the page. */
export const LIGHT = [
  "#1f11b7",
  "#d87e03",
  "#a3666f",
  "#7e30f2",
  "#103a14",
  "#6a5708",
  "#399cc1",
  "#821969",
];
export const DARK = [
  "#613bf9",
  "#875e2e",
  "#d77581",
  "#8989fd",
  "#85fbb8",
  "#ddbd25",
  "#55c6e0",
  "#bc169d",
];

export interface Line {
  color: string;
  /** Beyond the eighth run a dash pattern tells lines apart; no more hues are made up. */
  dash: number[];
}

const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3]];

/** The line of one run, or of the index-th of several; a line alone has the page's own colour. */
export function lineOf(index: number, dark: boolean, of = Infinity): Line {
  if (of === 1) return { color: dark ? "#7aa7ff" : "#1f5fd0", dash: [] };
  const palette = dark ? DARK : LIGHT;
  return {
    color: palette[index % palette.length] as string,
    dash: DASHES[Math.floor(index / palette.length) % DASHES.length] as number[],
  };
}
