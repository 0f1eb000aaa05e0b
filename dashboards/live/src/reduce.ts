// Frames → the latest document of a topic. Pure: the state before and a frame give the state after.
import type { Alert, Doc, ServerFrame } from "./contract";
import { apply, type Keys } from "./delta";

export interface TopicState {
  /** undefined: nothing has come yet. null: the feed knows of no such thing (yet), and reason says why. */
  doc: Doc | null | undefined;
  reason: string;
  cursor: string;
  /** What the ack said of lists whose elements deltas address. */
  keys: Keys;
  alerts: readonly Alert[]; // newest first
  /** When the document's watermark was last seen to move, in ms of the server's clock. */
  movedMs: number;
}

export const emptyTopic: TopicState = { doc: undefined, reason: "", cursor: "", keys: {}, alerts: [], movedMs: 0 };

/** At most this many alerts are kept per topic; the oldest go. */
export const alertsKept = 50;

export type TopicFrame = Extract<ServerFrame, { t: "snap" | "delta" | "event" }>;

/**
 * "gap": the delta does not follow what we hold, so the topic has to be asked for again. A delta never touches the
 * document that came before it.
 */
export const reduce = (state: TopicState, frame: TopicFrame, nowMs: number): TopicState | "gap" => {
  switch (frame.t) {
    case "snap":
      return moved(state, { ...state, doc: frame.data, reason: frame.reason ?? "", cursor: frame.cursor }, nowMs);
    case "delta":
      return follow(state, frame, nowMs);
    case "event":
      return { ...state, alerts: withAlerts(state.alerts, [frame.data]) };
  }
};

const follow = (state: TopicState, frame: Extract<TopicFrame, { t: "delta" }>, nowMs: number): TopicState | "gap" => {
  if (!state.doc || frame.from !== state.cursor) return "gap";
  const doc = apply(state.keys, state.doc as never, frame);
  return doc ? moved(state, { ...state, doc: doc as never, cursor: frame.to }, nowMs) : "gap";
};

const moved = (before: TopicState, after: TopicState, nowMs: number): TopicState =>
  before.doc && watermarkOf(before.doc) === watermarkOf(after.doc) ? after : { ...after, movedMs: nowMs };

/**
 * The watermark that says how well a document keeps up, in ms; null: none. Of a list of shows that is the newest of
 * theirs, since one show that lags is said to lag in its row, and must not make the others look old.
 */
export const watermarkOf = (doc: Doc | null | undefined): number | null => {
  if (!doc) return null;
  const own = [doc.watermark];
  const all = doc.kind === "show" || doc.kind === "campaign" ? own : doc.shows.filter((r) => r.state !== "ended").map((r) => r.watermark);
  const times = (all.length > 0 ? all : own).map((w) => Date.parse(w ?? "")).filter((t) => !Number.isNaN(t));
  return times.length > 0 ? Math.max(...times) : null;
};

/** Adds alerts, each once by its id, newest first, the oldest beyond the limit dropped. */
export const withAlerts = (held: readonly Alert[], more: readonly Alert[]): readonly Alert[] => {
  const known = new Set(held.map((a) => a.id));
  const fresh = more.filter((a) => !known.has(a.id) && known.add(a.id));
  if (fresh.length === 0) return held;
  const byTime = (a: Alert, b: Alert): number => Date.parse(b.at) - Date.parse(a.at) || (a.id < b.id ? -1 : 1);
  return [...held, ...fresh].sort(byTime).slice(0, alertsKept);
};
