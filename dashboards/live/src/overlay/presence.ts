// Whether what an overlay shows may still be shown: viewers cannot tell an old number from a live one. Pure.
//
//	age ─▶ shown ──25 s──▶ dim, as it was ──60 s──▶ gone
//
// The age of a number is how far its watermark is behind now, and at least how long nothing has been heard of the feed. A
// healthy quiet room is up to 15 s behind by its nature (status.ts).
import { catchingAfterMs } from "../status";

export type Presence = "shown" | "dim" | "gone";

export const dimAfterMs = catchingAfterMs;
export const goneAfterMs = 60_000;

export const presence = (ageMs: number): Presence =>
  ageMs > goneAfterMs ? "gone" : ageMs > dimAfterMs ? "dim" : "shown";

export const ageMs = (nowMs: number, heardMs: number, watermarkMs: number | null): number =>
  Math.max(0, nowMs - heardMs, watermarkMs === null ? 0 : nowMs - watermarkMs);

/** When the feed was last heard to be well; both in ms of the server's clock. */
export interface Hearing {
  beatMs: number;
  heardMs: number;
}

const longestBeatMs = 2_000;

/**
 * The hearing after a beat. A beat that comes late has slept, and says nothing of the feed yet: the connection is judged
 * only after it.
 */
export const hear = (before: Hearing, nowMs: number, well: boolean): Hearing => ({
  beatMs: nowMs,
  heardMs: well && nowMs - before.beatMs <= longestBeatMs ? nowMs : before.heardMs,
});
