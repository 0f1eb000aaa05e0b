// The relative context: the last ten minutes against the ten before, and against the other shows on the air. Pure.
import type { Relative } from "./contract";
import { signedPercent, wholePercent } from "./format";
import type { Lang } from "./settings";
import { word, type Word } from "./words";

/** "+6% on the 10 min before"; "" where it is not known. */
export const changeText = (change: number | null, lang: Lang): string => {
  if (change === null) return "";
  const shown = signedPercent(change, lang);
  return /[1-9]/.test(shown) ? word(lang, "change10", { change: shown }) : word(lang, "change10same");
};

type Standing = "hotterThan" | "moreThan";

const ends: Record<Standing, [Word, Word]> = { hotterThan: ["coolest", "hottest"], moreThan: ["fewest", "most"] };

/** "hotter than 70% of shows", or the first or last of all; "" where there are too few others. */
export const standingText = (percentile: number | null, w: Standing, lang: Lang): string => {
  if (percentile === null) return "";
  if (percentile <= 0 || percentile >= 1) return word(lang, ends[w][percentile <= 0 ? 0 : 1]);
  return word(lang, w, { share: wholePercent(Math.min(0.99, Math.max(0.01, percentile)), lang) });
};

/** Both, as far as known. name says what of, where the place does not. */
export const relativeText = (r: Relative | undefined, w: Standing, lang: Lang, name: string = ""): string => {
  if (!r) return "";
  const known = [changeText(r.change_ratio, lang), standingText(r.percentile, w, lang)].filter((t) => t !== "");
  if (known.length === 0) return "";
  const text = known.join(" · ");
  return name === "" ? text : lang === "ja" ? `${name}: ${text}` : `${name} ${text}`;
};
