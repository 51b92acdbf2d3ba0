/** Round numbers for axes. */

/** About `count` round values from low to high, the ends included only if they are round. */
export function ticks(low: number, high: number, count = 5): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5].find((one) => one * power >= rough) ?? 10);
  const found: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) {
    found.push(Number((at * step).toPrecision(12)));
  }
  return found;
}

/** The least and the greatest of finite numbers; 0 to 1 where there is none. */
export function extent(values: Iterable<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? [0, 1] : [low, high];
}

/** y of a line at x, between its points; undefined outside of them. */
export function interpolate(xs: number[], ys: number[], x: number): number | undefined {
  for (let place = 1; place < xs.length; place++) {
    const [from, to] = [xs[place - 1] as number, xs[place] as number];
    if ((x - from) * (x - to) > 0) continue;
    const share = to === from ? 1 : (x - from) / (to - from);
    return (ys[place - 1] as number) * (1 - share) + (ys[place] as number) * share;
  }
  return undefined;
}
