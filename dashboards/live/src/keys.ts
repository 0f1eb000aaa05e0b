// The keyboard: arrows or j, k through the rows, Esc back, g and a letter to another page, s and m for alerts, ? help, l language,
// t theme. Enter is the browser's own. Letters can be switched off.
import { nextAlerting, toggleMuted } from "./alerting";
import { helpOpen } from "./help";
import { href, route } from "./route";
import { letters, toggleLang, toggleTheme } from "./settings";

export const followKeys = (): void => {
  addEventListener("keydown", (e) => {
    // Combinations belong to the browser and the reader; the dialog handles its own keys.
    // It is asked of the dialog itself: the signal falls with its close event, a task after it has gone from the screen.
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
    if (e.target instanceof HTMLInputElement) return; // a letter there is text
    if (e.key.length === 1 && !letters.peek()) return;
    const going = e.timeStamp - goingMs < patienceMs;
    goingMs = e.key === "g" ? e.timeStamp : Number.NEGATIVE_INFINITY;
    if (going ? go(e.key) : press(e.key)) e.preventDefault();
  });
};

const patienceMs = 1500; // between g and its letter

let goingMs = Number.NEGATIVE_INFINITY;

/** To another page: g b the board, g e the seller of the show. */
const go = (key: string): boolean => {
  const to = key === "b" ? href({ page: "board" }) : key === "e" ? sellerOf() : null;
  if (to !== null) location.hash = to;
  return to !== null;
};

const sellerOf = (): string | null => document.querySelector(".title .meta a")?.getAttribute("href") ?? null;

/** Does what a key means; false: it means nothing here. */
const press = (key: string): boolean => {
  switch (key) {
    case "ArrowDown":
    case "j":
      return move(1);
    case "ArrowUp":
    case "k":
      return move(-1);
    case "Escape":
      if (route.value.page === "board") return false;
      location.hash = href({ page: "board" });
      return true;
    case "?":
      helpOpen.value = true;
      return true;
    case "s":
      nextAlerting();
      return true;
    case "m":
      if (route.value.page !== "show") return false;
      toggleMuted(route.value.id);
      return true;
    case "l":
      toggleLang();
      return true;
    case "t":
      toggleTheme();
      return true;
  }
  return false;
};

/** Moves the focus to the next row; into the list at its near end. False without rows, so that arrows still scroll. */
const move = (by: 1 | -1): boolean => {
  const rows = [...document.querySelectorAll<HTMLElement>("a.row")];
  if (rows.length === 0) return false;
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[next]?.focus();
  return true;
};
