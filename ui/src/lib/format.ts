/** Numbers, times and sizes as people read them. */
import type { WireNumber } from "../api/types";

export function toNumber(value: WireNumber): number {
  return typeof value === "number" ? value : Number(value);
}

/** Five significant digits; very small and very large numbers in powers of ten. */
export function number(value: WireNumber | undefined): string {
  if (value === undefined) return "";
  const found = toNumber(value);
  if (Number.isNaN(found)) return "NaN";
  if (!Number.isFinite(found)) return found > 0 ? "∞" : "−∞";
  if (found !== 0 && (Math.abs(found) < 1e-4 || Math.abs(found) >= 1e7)) {
    return found.toExponential(3);
  }
  return String(Number(found.toPrecision(5)));
}

export function time(ms: number | undefined): string {
  if (!ms) return "";
  return new Date(ms).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

const UNITS: [string, number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
];

export function duration(ms: number): string {
  for (const [unit, size] of UNITS) {
    if (ms >= size) {
      const found = ms / size;
      return `${found < 10 ? Number(found.toFixed(1)) : Math.round(found)} ${unit}`;
    }
  }
  return `${Math.max(0, Math.round(ms))} ms`;
}

export function ago(ms: number | undefined, now = Date.now()): string {
  return ms ? `${duration(Math.max(0, now - ms))} ago` : "";
}

export function bytes(size: number | undefined): string {
  if (size === undefined) return "";
  let found = size;
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (found < 1024)
      return `${found < 10 && unit !== "B" ? found.toFixed(1) : Math.round(found)} ${unit}`;
    found /= 1024;
  }
  return `${found.toFixed(1)} TiB`;
}
