// The one connection of this page, and the hook by which a view holds a topic of it.
import { useEffect, useState } from "preact/hooks";
import type { Signal } from "@preact/signals";
import { headers } from "./access";
import type { Alert } from "./contract";
import { LiveMeter } from "./livemeter";
import { turnedAway } from "./turnedaway";
import { emptyTopic, withAlerts, type TopicState } from "./reduce";

const scheme = location.protocol === "https:" ? "wss:" : "ws:";

const url = `${scheme}//${location.host}/v1/feed`;

export const meter = new LiveMeter(url, undefined, () => turnedAway(url, headers()));

/** The latest of a topic while the component is mounted. A component keeps one topic for life: key it by the topic. */
export const useTopic = (topic: string, maxHz: number): TopicState => {
  const [held, hold] = useState<Signal<TopicState>>();
  useEffect(() => {
    const [state, release] = meter.subscribe(topic, maxHz);
    hold(state);
    return release;
  }, [topic, maxHz]);
  return held?.value ?? emptyTopic;
};

/**
 * The alerts of a scope, or with a kind those of it: what the feed has sent since, and what it remembers of before, which is asked
 * for again after each reconnection. If that fails, the new ones are all there is.
 */
export const usePast = (scope: string, kind: "" | "restate", live: readonly Alert[]): readonly Alert[] => {
  const [past, setPast] = useState<readonly Alert[]>([]);
  const open = meter.link.value.kind === "open" && meter.feed.value === "live"; // until then there is no answer
  useEffect(() => {
    if (!open) return;
    const stop = new AbortController();
    void recent(scope, kind, stop.signal).then(setPast);
    return () => stop.abort();
  }, [scope, kind, open]);
  return withAlerts(live, past);
};

const recent = async (scope: string, kind: string, signal: AbortSignal): Promise<Alert[]> => {
  const query = new URLSearchParams({ limit: "20", scope, ...(kind !== "" && { kind }) });
  try {
    const answer = await fetch(`/v1/alerts?${query}`, { signal, headers: headers() });
    if (!answer.ok) return [];
    const body = (await answer.json()) as { alerts?: Alert[] };
    return body.alerts ?? [];
  } catch {
    return []; // aborted, or the connection is gone; the websocket says so in words
  }
};
