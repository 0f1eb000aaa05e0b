// Words and bounds of heat. Pure.
import type { Gauged } from "./contract";
import { fixed } from "./format";
import type { Lang } from "./settings";
import { isWord, word, type Word } from "./words";

export type Level = "cool" | "warm" | "hot" | "veryhot";

/**
 * The gauge puts the quartiles of its reference at 25, 50 and 75, so these are quarters of what is usual. Judged by the
 * whole number that is shown, so that the word never contradicts it.
 */
export const level = (gauge: number): Level => {
  const shown = Math.round(gauge);
  return shown < 25 ? "cool" : shown < 50 ? "warm" : shown < 75 ? "hot" : "veryhot";
};

/** What it means that there is no heat at all: of a show, that its room is empty; of a seller or a brand, that no show is on the air. */
export type Nothing = "no_room" | "none_on_air" | "brandNone";

/** Why there is no gauge, as a sentence. */
export const whyNot = (heat: Gauged | null, nothing: Nothing, lang: Lang): string => {
  if (!heat) return word(lang, nothing);
  const reason = heat.insufficient ?? "";
  return word(lang, isWord(reason) ? reason : "insufficient");
};

const grades: Record<string, Word> = { A: "gradeA", B: "gradeB", C: "gradeC" };

/** "Grade A, well supported"; nothing where there is no grade. */
export const gradeText = (grade: string | null, lang: Lang): string => {
  const meaning = grade !== null && Object.hasOwn(grades, grade) ? grades[grade] : undefined;
  if (grade === null || meaning === undefined) return "";
  return `${word(lang, "grade", { grade })} – ${word(lang, meaning)}`;
};

export const intervalText = (heat: Gauged, lang: Lang, w: "interval" | "intervalShort"): string =>
  heat.gauge_lo === null || heat.gauge_hi === null
    ? ""
    : word(lang, w, { lo: fixed(heat.gauge_lo, 0, lang), hi: fixed(heat.gauge_hi, 0, lang) });

/** All that a gauge shows, as one sentence for whoever does not see it. */
export const spokenHeat = (heat: Gauged | null, nothing: Nothing, provisional: boolean, lang: Lang): string => {
  if (!heat || heat.gauge === null) return `${word(lang, "notYet")}. ${whyNot(heat, nothing, lang)}`;
  const parts = [
    `${fixed(heat.gauge, 0, lang)} ${word(lang, "heatOf100")}`,
    word(lang, level(heat.gauge)),
    provisional ? word(lang, "provisional") : "",
    intervalText(heat, lang, "interval"),
    gradeText(heat.grade, lang),
  ];
  return parts.filter((p) => p !== "").join(", ");
};
