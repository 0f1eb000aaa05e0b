// What is worth a sound or a mark in the title, and what the title then is. Pure.
import type { Alert, Row } from "./contract";

/** act: somebody should do something about it at once. tell: it has happened. */
export type Severity = "act" | "tell";

export interface Notice {
  id: string;
  showId: string;
  severity: Severity;
}

const diagnoses: readonly string[] = [
  "hot_not_buying",
  "cold_brand",
  "cooled_after_call",
  "reverse_flow",
  "lookalike_flood",
  "no_order",
];

export const severityOf = (kind: string): Severity => (diagnoses.includes(kind) ? "act" : "tell");

/** The notices of a show's page: its alerts. */
export const ofAlerts = (alerts: readonly Alert[]): Notice[] =>
  alerts.map((a) => ({ id: a.id, showId: a.show_id, severity: severityOf(a.kind) }));

/** Those of a list of shows: what each asks attention for. That it no longer does is none. */
export const ofRows = (rows: readonly Row[]): Notice[] =>
  rows.flatMap((r) =>
    r.attention === null || r.state === "ended"
      ? []
      : [{ id: `${r.scope}/${r.attention}`, showId: r.id, severity: severityOf(r.attention) }],
  );

/** Of the notices that are there now, those that were not a moment ago and are not muted. */
export const news = (before: readonly Notice[], now: readonly Notice[], muted: readonly string[]): Notice[] => {
  const known = new Set(before.map((n) => n.id));
  return now.filter((n) => !known.has(n.id) && !muted.includes(n.showId));
};

/** "(2) ● Show": how many were missed while nobody looked. */
export const titled = (title: string, missed: number): string => (missed === 0 ? title : `(${missed}) ● ${title}`);

/** How many muted shows are remembered; the one that was muted first goes. */
export const mutedKept = 200;

export const toggled = (muted: readonly string[], show: string): string[] =>
  muted.includes(show) ? muted.filter((m) => m !== show) : [...muted, show].slice(-mutedKept);

/** What was stored of them, whatever is there. */
export const mutedFrom = (text: string | null): string[] => {
  try {
    const stored: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(stored) ? stored.filter((m) => typeof m === "string").slice(-mutedKept) : [];
  } catch {
    return [];
  }
};
