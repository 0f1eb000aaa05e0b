// What is known of a topic: the latest document, its age, its alerts. Pure: the state before and what came give the state after.
import type { Alert, Doc } from "./contract";

export interface TopicState {
  /** undefined: nothing has come yet. null: the feed knows of no such thing (yet), and reason says why. */
  doc: Doc | null | undefined;
  reason: string;
  alerts: readonly Alert[]; // newest first
  corrections: readonly Alert[]; // likewise, and as bounded
  /** When the document's watermark was last seen to move, in ms of the server's clock. */
  movedMs: number;
}

export const emptyTopic: TopicState = { doc: undefined, reason: "", alerts: [], corrections: [], movedMs: 0 };

/** At most this many alerts are kept per topic; the oldest go. */
export const alertsKept = 50;

/** The state with the next document, which may be absent. */
export const withDocument = (state: TopicState, doc: Doc | null, reason: string, nowMs: number): TopicState => {
  const still = state.doc && watermarkOf(state.doc) === watermarkOf(doc);
  return { ...state, doc, reason, movedMs: still ? state.movedMs : nowMs };
};

/**
 * The watermark that says how well a document keeps up, in ms; null: none. Of a list of shows that is the newest of
 * theirs, since one show that lags is said to lag in its row, and must not make the others look old.
 */
export const watermarkOf = (doc: Doc | null | undefined): number | null => {
  if (!doc) return null;
  const own = [doc.watermark];
  const all = doc.kind === "show" || doc.kind === "campaign" || !doc.shows ? own : (doc.shows as { state: string; watermark: string | null }[]).filter((r) => r.state !== "ended").map((r) => r.watermark);
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
