// Alerts as sentences. The feed sends a kind and numbers; the words are made here, in both languages. A kind that this
// page does not know yet is told by its name and numbers, rather than not at all.
import type { Alert } from "./contract";
import { count, fixed } from "./format";
import type { Lang } from "./settings";

type Sentence = (get: (name: string) => string | undefined) => string;

const en: Record<string, Sentence> = {
  hot: (n) => `The room is very hot${and(n("gauge"), (g) => `: heat ${g} of 100`)}.`,
  cold: (n) => `The room has gone cold${and(n("gauge"), (g) => `: heat ${g} of 100`)}.`,
  raid: (n) => {
    const joins = and(n("joins_10s"), (j) => `: ${j} in ten seconds`);
    return `Many people came at once${joins}${and(n("joins_before_mean_10s"), (m) => `, where ${m} is usual`)}.`;
  },
};

const ja: Record<string, Sentence> = {
  hot: (n) => `部屋がとても熱くなりました${and(n("gauge"), (g) => `（熱量 ${g}）`)}。`,
  cold: (n) => `部屋が冷めました${and(n("gauge"), (g) => `（熱量 ${g}）`)}。`,
  raid: (n) => {
    const usual = and(n("joins_before_mean_10s"), (m) => `、ふだんは ${m} 人`);
    return `一度に大勢が入室しました${and(n("joins_10s"), (j) => `（10 秒で ${j} 人${usual}）`)}。`;
  },
};

const and = (value: string | undefined, f: (v: string) => string): string => (value === undefined ? "" : f(value));

/** The sentence of an alert. */
export const sentence = (a: Alert, lang: Lang): string => {
  const sentences = lang === "ja" ? ja : en;
  const known = Object.hasOwn(sentences, a.kind) ? sentences[a.kind] : undefined;
  if (!known) return plain(a, lang);
  return known((name) => {
    const value = a.numbers[name];
    return typeof value === "number" ? figure(value, lang) : undefined;
  });
};

const figure = (value: number, lang: Lang): string =>
  Number.isInteger(value) ? count(value, lang) : fixed(value, digits(Math.abs(value)), lang);

const digits = (size: number): number => (size < 1 ? 2 : size < 10 ? 1 : 0);

const plain = (a: Alert, lang: Lang): string => {
  const name = a.kind.replaceAll("_", " ");
  const numbers = Object.entries(a.numbers)
    .filter((e): e is [string, number] => e[1] !== null)
    .map(([key, value]) => `${key.replaceAll("_", " ")} ${figure(value, lang)}`);
  if (numbers.length === 0) return name;
  return lang === "ja" ? `${name}（${numbers.join("、")}）` : `${name}: ${numbers.join(", ")}`;
};
