// Estimates as people read them: the number, its interval, its grade, or the reason why there is none. Pure.
import type { Bracket, Estimate } from "./contract";
import { unknown, wholePercent } from "./format";
import { gradeText } from "./heat";
import type { Lang } from "./settings";
import { isWord, word } from "./words";

type Show = (n: number, lang: Lang) => string;

/** The value, or the dash that stands for not knowing. */
export const valueText = (e: Estimate | null, show: Show, lang: Lang): string =>
  e === null || e.value === null ? unknown : show(e.value, lang);

/** Why there is no value, as a sentence. "": there is one. */
export const reasonText = (e: Estimate | null, lang: Lang): string => {
  if (e !== null && e.value !== null) return "";
  const code = e?.insufficient ?? "";
  const general = `est_${code}`;
  return word(lang, isWord(general) ? general : isWord(code) ? code : "insufficient");
};

/** The interval and the grade, or the reason why there is no number. */
export const supportText = (e: Estimate | null, show: Show, lang: Lang): string => {
  if (e === null || e.value === null) return reasonText(e, lang);
  const interval =
    e.lo === null || e.hi === null
      ? word(lang, "noInterval")
      : word(lang, "intervalShort", { lo: show(e.lo, lang), hi: show(e.hi, lang) });
  return [interval, shortGrade(e.grade, lang)].filter((t) => t !== "").join(" · ");
};

export const shortGrade = (grade: string | null, lang: Lang): string =>
  gradeText(grade, lang) === "" ? "" : word(lang, "grade", { grade: grade ?? "" });

/** Two shares as a range: 12–41%. The percent sign stands once; the lower one first. */
export const rangeText = (a: number, b: number, lang: Lang): string => {
  const [lo, hi] = [Math.min(a, b), Math.max(a, b)].map((n) => wholePercent(n, lang));
  return lo === hi ? `${lo}` : `${lo?.replace("%", "")}–${hi}`;
};

/** The bracket of contagion, and nothing where one of its ends is not known: never one number. */
export const bracketText = (c: Bracket | null, lang: Lang): string => {
  const [lo, hi] = [c?.lexical?.value ?? null, c?.total?.value ?? null];
  return lo === null || hi === null ? unknown : rangeText(lo, hi, lang);
};

/** Grade C is never called infection. */
export const isInfection = (grade: string | null): boolean => grade === "A" || grade === "B";
