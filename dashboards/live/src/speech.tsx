// What a screen reader hears by itself: at most one sentence in ten seconds, and only when something worth saying has
// changed (the level of the heat, the state, an alert), or a minute has passed.
import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import { sentence } from "./alerts";
import type { Alert, ShowDoc } from "./contract";
import { fixed, money } from "./format";
import { level } from "./heat";
import { meter } from "./meter";
import type { TopicState } from "./reduce";
import { leadFirst } from "./sales";
import { lang } from "./settings";
import { statusOf } from "./statusview";
import { word } from "./words";

const apartMs = 10_000;
const anywayMs = 60_000;

const spoken = signal("");

/** The live region. It is there from the start and empty, since readers ignore one that arrives with its text. */
export const Speech = () => (
  <div class="unseen" role="status" aria-live="polite" data-spoken>
    {spoken.value}
  </div>
);

export const useSpeech = (topic: TopicState, doc: ShowDoc | null, alerts: readonly Alert[]): void => {
  const last = useRef({ atMs: 0, gist: "" });
  const now = meter.now.value;
  const l = lang.value;
  useEffect(() => {
    if (!doc) return;
    const gauge = (doc.room?.provisional ?? doc.room?.final)?.heat?.gauge ?? null;
    const state = statusOf(topic, doc.state, doc.last_event_at).kind;
    const alert = alerts[0];
    const gist = [l, state, gauge === null ? "" : level(gauge), alert?.id].join("/");
    const since = now - last.current.atMs;
    if (since < apartMs || (gist === last.current.gist && since < anywayMs)) return;
    const fresh = alert !== undefined && !last.current.gist.endsWith(alert.id) ? ` ${sentence(alert, l)}` : "";
    last.current = { atMs: now, gist };
    spoken.value = summary(doc, gauge, word(l, state)) + fresh;
  }, [now, doc, l]);
  useEffect(() => () => void (spoken.value = ""), []);
};

const summary = (doc: ShowDoc, gauge: number | null, state: string): string => {
  const l = lang.value;
  const heat = gauge === null ? word(l, "heatUnknownShort") : `${fixed(gauge, 0, l)}, ${word(l, level(gauge))}`;
  const lead = leadFirst(doc.money?.gmv ?? [])[0];
  const gmv = lead ? `${word(l, "gmvNet")} ${money(lead.net, l)}` : word(l, "noSales");
  return word(l, "spoken", { title: doc.title || doc.id, heat, gmv: gmv.replace(/[.。]$/, ""), state });
};
