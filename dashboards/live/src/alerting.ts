// How a page that nobody looks at makes itself noticed: a count in its title, and a tone for whoever asked for one. All of it
// can be muted, and each show by itself; both are kept in this browser.
import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { mutedFrom, news, titled, toggled, type Notice } from "./notices";
import { store, stored } from "./settings";
import { allowSound, audible, sound } from "./sound";

/** title: the count alone. sound: and a tone. muted: neither. */
export type Alerting = "title" | "sound" | "muted";

const order: readonly Alerting[] = ["title", "sound", "muted"];

export const alerting = signal<Alerting>(order.find((a) => a === stored("netsu.alerting")) ?? "title");
export const muted = signal<readonly string[]>(mutedFrom(stored("netsu.muted")));
export const pageTitle = signal("Netsu");

const missed = signal(0);

/** In a click or a key. A tone says at once what it will sound like. */
export const nextAlerting = (): void => {
  alerting.value = order[(order.indexOf(alerting.value) + 1) % order.length]!;
  store("netsu.alerting", alerting.value);
  if (alerting.value === "sound") void allowSound().then(() => sound("tell"));
  if (alerting.value === "muted") missed.value = 0;
};

export const toggleMuted = (show: string): void => {
  muted.value = toggled(muted.value, show);
  store("netsu.muted", JSON.stringify(muted.value));
};

/** The notices of a page as they are now; undefined: not known yet. Those that it finds there are not new. */
export const useNotices = (now: readonly Notice[] | undefined): void => {
  const before = useRef<readonly Notice[] | undefined>(undefined);
  useEffect(() => {
    if (now === undefined) return;
    if (before.current !== undefined) announce(news(before.current, now, muted.peek()));
    before.current = now;
  });
};

const announce = (fresh: readonly Notice[]): void => {
  if (fresh.length === 0 || alerting.peek() === "muted") return;
  if (!looking()) missed.value += fresh.length;
  if (alerting.peek() === "sound") sound(fresh.some((n) => n.severity === "act") ? "act" : "tell");
};

const looking = (): boolean => document.visibilityState === "visible" && document.hasFocus();

/** Follows the title, and who looks, from now on. */
export const followAlerting = (): void => {
  effect(() => {
    document.title = titled(pageTitle.value, missed.value);
  });
  const seen = (): void => {
    if (looking()) missed.value = 0;
  };
  addEventListener("focus", seen);
  document.addEventListener("visibilitychange", seen);
  const gesture = (): void => {
    if (alerting.peek() === "sound" && !audible.peek()) void allowSound();
  };
  addEventListener("pointerdown", gesture);
  addEventListener("keydown", gesture);
};
