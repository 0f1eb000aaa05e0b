// Numbers as people read them. Pure: language in, text out.
import type { Money } from "./contract";
import type { Lang } from "./settings";

/** Stands where a number is not known. Never 0: nothing known and nothing there are different things. */
export const unknown = "–";

const locale = (lang: Lang): string => (lang === "ja" ? "ja-JP" : "en-US");

// Intl objects cost far more to build than to use, and the same few come up at every frame. Bounded by the number of
// currencies, languages and digit settings in use.
const formatters = new Map<string, Intl.NumberFormat>();

const numberFormat = (lang: Lang, key: string, options: Intl.NumberFormatOptions): Intl.NumberFormat => {
  const id = `${lang}/${key}`;
  let f = formatters.get(id);
  if (!f) {
    f = new Intl.NumberFormat(locale(lang), options);
    formatters.set(id, f);
  }
  return f;
};

/**
 * minor units and exponent → decimal text: ("-1234", 2) → "-12.34". Exact for any size, because amounts outgrow what a
 * JavaScript number holds.
 */
export const decimal = (minor: string, exponent: number): string => {
  const negative = minor.startsWith("-");
  const digits = (negative ? minor.slice(1) : minor).padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  const text = exponent === 0 ? whole : `${whole}.${digits.slice(digits.length - exponent)}`;
  return negative ? `-${text}` : text;
};

/** An amount with its currency, with as many fraction digits as the feed says, whatever the browser believes. */
export const money = (m: Money, lang: Lang): string => {
  const f = numberFormat(lang, `${m.currency}/${m.exponent}`, {
    style: "currency",
    currency: m.currency,
    currencyDisplay: "symbol", // the narrow one would write US and Singapore dollars alike
    minimumFractionDigits: m.exponent,
    maximumFractionDigits: m.exponent,
  });
  // Japanese text uses the full-width yen sign, which tears a hole into large figures.
  return f.format(decimal(m.minor, m.exponent) as Intl.StringNumericLiteral).replace("\uffe5", "\u00a5");
};

/** A change of an amount, always with its sign: +¥1,200, −¥9,800. */
export const signedMoney = (m: Money, lang: Lang): string => {
  const text = money(m, lang);
  return text.startsWith("-") ? `\u2212${text.slice(1)}` : `+${text}`; // a hyphen is too short to be seen
};

export const count = (n: number, lang: Lang): string => numberFormat(lang, "count", {}).format(n);

/** A measured quantity with a fixed number of digits, so that it does not jump about as it changes. */
export const fixed = (n: number, digits: number, lang: Lang): string =>
  numberFormat(lang, `fixed/${digits}`, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n);

/** A share of one as a percentage: 0.0312 → 3.1 %. */
export const percent = (share: number, lang: Lang): string =>
  numberFormat(lang, "percent", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(
    share,
  );

/** The same without a decimal, for shares that are not known to one. */
export const wholePercent = (share: number, lang: Lang): string =>
  numberFormat(lang, "wholePercent", { style: "percent", maximumFractionDigits: 0 }).format(share);

/** A relative change, always with its sign: +6%, −12%, 0%. */
export const signedPercent = (change: number, lang: Lang): string =>
  numberFormat(lang, "signedPercent", {
    style: "percent",
    maximumFractionDigits: 0,
    signDisplay: "exceptZero",
  })
    .format(change)
    .replace("-", "\u2212"); // a hyphen is too short to be seen

type Unit = "second" | "minute" | "hour" | "day" | "year";

const inUnit = (n: number, unit: Unit, digits: number, lang: Lang): string =>
  numberFormat(lang, `${unit}/${digits}`, {
    style: "unit",
    unit,
    unitDisplay: "short",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(n);

/** A length of time in the one unit that matters: "1.4 sec", "42 sec", "12 min", "3 hr". Below zero counts as zero. */
export const duration = (ms: number, lang: Lang): string => {
  const s = Math.max(0, ms) / 1000;
  if (s < 9.95) return inUnit(s, "second", 1, lang);
  if (s < 90) return inUnit(Math.round(s), "second", 0, lang);
  if (s < 90 * 60) return inUnit(Math.round(s / 60), "minute", 0, lang);
  if (s < 36 * 3600) return inUnit(Math.round(s / 3600), "hour", 0, lang);
  if (s < 400 * 86400) return inUnit(Math.round(s / 86400), "day", 0, lang);
  return inUnit(Math.floor(s / (365.25 * 86400)), "year", 0, lang);
};

/** Elapsed time as a clock, for how long a show has been on: 1:04:09, 4:09. */
export const elapsed = (ms: number): string => {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number): string => String(n).padStart(2, "0");
  const h = Math.floor(s / 3600);
  const m = Math.floor(s / 60) % 60;
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
};

const clocks = new Map<string, Intl.DateTimeFormat>();

/** The time of day in the viewer's zone, with seconds; with the date if it was more than 20 hours from now. */
export const clock = (iso: string, nowMs: number, lang: Lang): string =>
  at(iso, nowMs, lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** The same to the minute: 14:20. */
export const hourMinute = (iso: string, nowMs: number, lang: Lang): string =>
  at(iso, nowMs, lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const at = (iso: string, nowMs: number, lang: Lang, near: Intl.DateTimeFormatOptions): string => {
  const t = Date.parse(iso);
  if (Number.isNaN(t)) return unknown;
  const far = Math.abs(nowMs - t) > 20 * 3600_000;
  const id = `${lang}/${far || near.second}`;
  let f = clocks.get(id);
  if (!f) {
    f = new Intl.DateTimeFormat(locale(lang), far ? { dateStyle: "medium", timeStyle: "short" } : near);
    clocks.set(id, f);
  }
  return f.format(t);
};
