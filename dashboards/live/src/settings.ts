// What the person who watches has chosen: language, theme, shortcuts. Kept in this browser; without a choice the browser's own
// language and the system's theme apply.
import { effect, signal } from "@preact/signals";

export type Lang = "en" | "ja";
export type Theme = "light" | "dark";

export const stored = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is refused in some private modes; the choice then lasts as long as the page
  }
};

export const store = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value);
  } catch {
    // see stored
  }
};

const systemDark = matchMedia("(prefers-color-scheme: dark)");

const firstLang = (): Lang => {
  const kept = stored("netsu.lang");
  if (kept === "en" || kept === "ja") return kept;
  return navigator.language.toLowerCase().startsWith("ja") ? "ja" : "en";
};

const firstTheme = (): Theme => {
  const kept = stored("netsu.theme");
  if (kept === "light" || kept === "dark") return kept;
  return systemDark.matches ? "dark" : "light";
};

export const lang = signal<Lang>(firstLang());
export const theme = signal<Theme>(firstTheme());

systemDark.addEventListener("change", () => {
  if (stored("netsu.theme") === null) theme.value = firstTheme();
});

export const toggleLang = (): void => {
  lang.value = lang.value === "ja" ? "en" : "ja";
  store("netsu.lang", lang.value);
};

export const toggleTheme = (): void => {
  theme.value = theme.value === "dark" ? "light" : "dark";
  store("netsu.theme", theme.value);
};

/** Whether single letters are shortcuts. Who dictates, or types by accident, needs them off; the arrows and Esc stay. */
export const letters = signal(stored("netsu.letters") !== "off");

export const toggleLetters = (): void => {
  letters.value = !letters.value;
  store("netsu.letters", letters.value ? "on" : "off");
};

effect(() => {
  document.documentElement.lang = lang.value;
});
effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
});
