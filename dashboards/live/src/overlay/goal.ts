// How far a campaign has come to its commitment. Pure, and exact: amounts outgrow what a JavaScript number holds.
import type { CampaignDoc, Money } from "../contract";

export interface Goal {
  current: Money;
  target: Money;
  hit: boolean;
  /** Of the target, in whole percent, rounded down: 100 is said only of what is reached. May be below 0 or above 100. */
  percent: number;
}

/** Null where nothing was committed to in the campaign's own currency. */
export const goalOf = (doc: Pick<CampaignDoc, "returns">): Goal | null => {
  const pace = doc.returns[0]?.pace ?? null;
  if (pace === null) return null;
  const { current, target, hit } = pace;
  const whole = BigInt(target.minor);
  if (whole <= 0n || target.currency !== current.currency || target.exponent !== current.exponent) return null;
  const hundredfold = BigInt(current.minor) * 100n;
  const down = hundredfold / whole - (hundredfold < 0n && hundredfold % whole !== 0n ? 1n : 0n);
  return { current, target, hit, percent: Number(down) };
};

/** The part of a bar that it fills, 0 to 100. */
export const filled = (g: Goal): number => Math.min(100, Math.max(0, g.percent));
