// Corrections of money as sentences: what has happened, to how many orders, by how much, and when those orders were. Pure.
import type { Alert, Money, Restated, Restatement } from "./contract";
import { count, hourMinute, signedMoney } from "./format";
import type { Lang } from "./settings";
import { coded, word, type Word } from "./words";

type Amount = { [K in keyof Restated]: Restated[K] extends Money ? K : never }[keyof Restated];

/** What a correction can change, by what tells most; the net goes without saying. */
const told: readonly [Amount, Word | null][] = [
  ["net", null],
  ["created", "created"],
  ["paid", "paid"],
  ["cancelled", "correctedCancelled"],
  ["refunded", "refunded"],
  ["refunded_unknown", "correctedUnknown"],
  ["settled", "correctedSettled"],
  ["total_net", "correctedTotal"],
];

const shownCurrencies = 3;

const changed = (m: Money): boolean => !/^-?0*$/.test(m.minor);

/** Of one currency: the first amount that has changed, and beside it the commission. */
const clauses = (r: Restated, l: Lang): string[] => {
  const [name, label] = told.find(([n]) => changed(r[n])) ?? [null, null];
  const said = name === null ? [] : [`${label === null ? "" : `${word(l, label)} `}${signedMoney(r[name], l)}`];
  return changed(r.commission) ? [...said, `${word(l, "correctedCommission")} ${signedMoney(r.commission, l)}`] : said;
};

const when = (r: Restatement, nowMs: number, l: Lang): string => {
  if (r.from === null || r.to === null) return "";
  const [from, to] = [hourMinute(r.from, nowMs, l), hourMinute(r.to, nowMs, l)];
  return from === to ? word(l, "correctedAt", { from }) : word(l, "correctedBetween", { from, to });
};

/** "Refund: 2 orders, −¥9,800 (orders of 14:20–14:35)". */
export const correctionText = (r: Restatement, nowMs: number, l: Lang): string => {
  const said = r.amounts.map((a) => clauses(a, l)).filter((c) => c.length > 0);
  const more = said.length > shownCurrencies ? [word(l, "correctedMore", { n: count(said.length - shownCurrencies, l) })] : [];
  const amounts = [...said.slice(0, shownCurrencies).flat(), ...more].join(l === "ja" ? "、" : ", ");
  const orders = r.orders === 0 ? "" : word(l, "correctedOrders", { n: count(r.orders, l) });
  const facts = [orders, amounts || word(l, "correctedNothing")].filter((t) => t !== "");
  const text = `${coded(l, "restated", r.reason)}${l === "ja" ? " " : ": "}${facts.join(l === "ja" ? " " : ", ")}`;
  const times = when(r, nowMs, l);
  return times === "" ? text : `${text}${l === "ja" ? "" : " "}${times}`;
};

/** The corrections of a scope among what was sent: those of a campaign's deals are in it already. */
export const correctionsOf = (scope: string, all: readonly Alert[]): (Alert & { restatement: Restatement })[] =>
  all.filter((a): a is Alert & { restatement: Restatement } => a.scope === scope && a.restatement !== undefined);
