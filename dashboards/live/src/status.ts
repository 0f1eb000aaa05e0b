// What to call the state of things, in one word, and how old the numbers are. Pure.
//
// The order below is the order of what a person must know first: whether we are connected at all, then whether the
// numbers move, then what the show does.
import type { FeedState, Link } from "../client/livemeter";
import type { RoomState } from "./contract";

export type StatusKind =
  "connecting" | "reconnecting" | "refused" | "absent" | "ended" | "stale" | "catching" | "idle" | "live";

export interface Status {
  kind: StatusKind;
  /** Now − watermark, in ms; null: not known. */
  freshnessMs: number | null;
  /** reconnecting: seconds until the next attempt; 0: it is being made. */
  inSeconds: number;
  /** stale: since when nothing has moved; idle: since when nothing has happened. In ms. */
  sinceMs: number;
}

/** What status is judged from. Times in ms of the server's clock. */
export interface Observed {
  link: Link;
  feed: FeedState;
  nowMs: number;
  doc: "none" | "absent" | RoomState; // none: the first document has not come yet
  watermarkMs: number | null;
  movedMs: number; // when the watermark was last seen to move
  lastEventMs: number | null;
}

/**
 * Further behind than this, while moving, is catching up. A live room is 5 s to 15 s behind by its nature: the
 * watermark stays 5 s behind the newest event, and a quiet room moves it on only after 10 s.
 */
export const catchingAfterMs = 25_000;

/**
 * A watermark that has not moved for so long, with the connection alive, has stopped. It must be more than the 10 s
 * in which a quiet room rightly stands still.
 */
export const staleAfterMs = 20_000;

export const status = (o: Observed): Status => {
  const freshnessMs = o.watermarkMs === null ? null : Math.max(0, o.nowMs - o.watermarkMs);
  const say = (kind: StatusKind, more: Partial<Status> = {}): Status => ({
    kind,
    freshnessMs,
    inSeconds: 0,
    sinceMs: 0,
    ...more,
  });
  const still = Math.max(0, o.nowMs - o.movedMs);
  switch (o.link.kind) {
    case "connecting":
      return say(o.link.attempt === 0 ? "connecting" : "reconnecting");
    case "waiting":
      return say("reconnecting", { inSeconds: Math.max(0, Math.ceil((o.link.untilMs - o.nowMs) / 1000)) });
    case "refused":
      return say("refused");
    case "silent":
      return say("stale", { sinceMs: Math.max(0, o.nowMs - o.link.sinceMs) });
  }
  if (o.feed === "catching_up") return say("catching");
  if (o.doc === "none") return say("connecting");
  if (o.doc === "absent") return say("absent");
  if (o.doc === "ended") return say("ended");
  if (freshnessMs === null) return say("live");
  if (still > staleAfterMs) return say("stale", { sinceMs: still });
  if (freshnessMs > catchingAfterMs) return say("catching");
  if (o.doc === "idle") {
    return say("idle", { sinceMs: o.lastEventMs === null ? 0 : Math.max(0, o.nowMs - o.lastEventMs) });
  }
  return say("live");
};
