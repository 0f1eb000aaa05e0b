// Trend points → what a plot takes. Pure.
import type { TrendPoint } from "./contract";

const stepSeconds = 10;

/** Times in seconds, then the gauge and the two ends of its interval. */
export type Columns = [number[], (number | null)[], (number | null)[], (number | null)[]];

/** Points → columns in seconds. A missing step becomes a gap: a line across it would be a claim. */
export const columns = (points: readonly TrendPoint[]): Columns => {
  const out: Columns = [[], [], [], []];
  let last = Number.NaN;
  for (const p of points) {
    const t = Date.parse(p.at) / 1000;
    if (t - last > 1.5 * stepSeconds) push(out, last + stepSeconds, null, null, null);
    push(out, t, p.gauge, p.gauge_lo, p.gauge_hi);
    last = t;
  }
  return out;
};

const push = (c: Columns, t: number, gauge: number | null, lo: number | null, hi: number | null): void => {
  c[0].push(t);
  c[1].push(gauge);
  c[2].push(lo);
  c[3].push(hi);
};
