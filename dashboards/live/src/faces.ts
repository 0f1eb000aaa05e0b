// What a closed tile says: one number, what it is, how sure it is, and what it is relative to. Pure.
import type { Flow, Ignition, ShowDoc, Stage } from "./contract";
import { bracketText, isInfection, reasonText, shortGrade, supportText, valueText } from "./estimate";
import { count, elapsed, fixed, unknown, wholePercent } from "./format";
import { relativeText } from "./relative";
import type { Lang } from "./settings";
import { coded, word, type Word } from "./words";

export interface Face {
  name: string;
  value: string;
  unit: string;
  says: string; // what the number is, in plain words
  support: string; // its interval and grade, or why there is none
  relative: string; // what it is relative to; "": nothing
  warn?: boolean; // something here is not as it should be
}

export type TileName = "sync" | "contagion" | "trust" | "funnel" | "flow" | "ignition";

export const tileNames: readonly TileName[] = ["sync", "contagion", "trust", "funnel", "flow", "ignition"];

/** The face of a tile. nowMs: the present, for what runs out. */
export const face = (tile: TileName, doc: ShowDoc, nowMs: number, lang: Lang): Face => faces[tile](doc, lang, nowMs);

const blank = (name: string, why: string): Face => ({
  name,
  value: unknown,
  unit: "",
  says: "",
  support: why,
  relative: "",
});

const whole = (n: number, l: Lang): string => fixed(n, 0, l);

/** What a number would be if all accounts were believed, and nothing where that reads the same. */
const twinText = (value: string, all: string, l: Lang): string =>
  value === unknown || all === unknown || all === value ? "" : word(l, "allAccounts", { value: all });

const syncFace = (doc: ShowDoc, l: Lang): Face => {
  const rate = doc.sync?.rate ?? null;
  const value = valueText(rate, whole, l);
  return {
    name: word(l, "sync"),
    value,
    unit: value === unknown ? "" : word(l, "heatOf100"),
    says: word(l, "syncSays"),
    support: supportText(rate, whole, l),
    relative: twinText(value, valueText(doc.sync?.raw?.rate ?? null, whole, l), l),
  };
};

const contagionFace = (doc: ShowDoc, l: Lang): Face => {
  const c = doc.contagion;
  const value = bracketText(c, l);
  const relative = [
    twinText(value, bracketText(c?.raw ?? null, l), l),
    relativeText(doc.context?.comments, "moreThan", l, word(l, "rowComments")),
  ]
    .filter((t) => t !== "")
    .join(" · ");
  if (value === unknown) {
    const end = c?.lexical?.value === null || !c?.lexical ? (c?.lexical ?? null) : c.total;
    return { ...blank(word(l, "contagion"), reasonText(end, l)), relative };
  }
  const grade = c?.lexical?.grade ?? null;
  const infection = isInfection(grade);
  return {
    name: word(l, infection ? "contagion" : "comovement"),
    value,
    unit: "",
    says: word(l, infection ? "contagionSays" : "comovementSays"),
    support: [word(l, "bracket"), shortGrade(grade, l)].filter((t) => t !== "").join(" · "),
    relative,
  };
};

const trustFace = (doc: ShowDoc, l: Lang): Face => {
  const t = doc.trust;
  if (!t || t.share === null) return blank(word(l, "trust"), word(l, "insufficient"));
  const fill = { n: count(t.suspects, l), people: count(t.people, l) };
  return {
    name: word(l, "trust"),
    value: wholePercent(t.share, l),
    unit: "",
    says: word(l, "trustSays"),
    support: word(l, "counted"),
    relative: word(l, t.suspects > 0 ? "trustDoubt" : "trustNoDoubt", fill),
    warn: t.share < 0.8,
  };
};

/** The people closest to buying who have not: of the cart, or of the clicks where no cart is known. */
export const closeToBuying = (stages: readonly Stage[]): { says: Word; people: number } | null => {
  for (const [name, says] of [
    ["carted", "funnelCarted"],
    ["clicked", "funnelClicked"],
  ] as const) {
    const stage = stages.find((s) => s.name === name);
    if (stage && stage.people > 0) return { says, people: Math.max(0, stage.people - stage.bought) };
  }
  return null;
};

const funnelFace = (doc: ShowDoc, l: Lang): Face => {
  const close = closeToBuying(doc.funnel?.stages ?? []);
  const relative = relativeText(doc.context?.orders, "moreThan", l, word(l, "rowOrders"));
  if (!close) return { ...blank(word(l, "funnel"), word(l, "funnelNone")), relative };
  return {
    name: word(l, "funnel"),
    value: count(close.people, l),
    unit: word(l, "people", { n: count(close.people, l) }),
    says: word(l, close.says),
    support: word(l, "counted"),
    relative,
  };
};

export const toAudience = (flows: readonly Flow[] | null): Flow | undefined =>
  flows?.find((f) => f.from === "esol" && f.to === "audience");

const flowFace = (doc: ShowDoc, l: Lang): Face => {
  const flow = toAudience(doc.flows);
  const match = flow?.match ?? null;
  return {
    name: word(l, "flow"),
    value: valueText(match, wholePercent, l),
    unit: "",
    says: word(l, "flowSays"),
    support: supportText(match, wholePercent, l),
    relative: chain(doc.flows ?? [], l),
    warn: flow?.reverse === true,
  };
};

/** Brand → Seller ← Room (reversed). Dots where it is not known which way the heat goes. */
export const chain = (flows: readonly Flow[], l: Lang): string => {
  const arrow = (from: string, to: string): string => {
    const f = flows.find((x) => x.from === from && x.to === to);
    return !f || f.match === null || f.match.value === null ? "…" : f.reverse ? "←" : "→";
  };
  const role = (r: string): string => coded(l, "role", r);
  const reversed = flows.some((f) => f.reverse);
  const text = [
    role("brand"),
    arrow("brand", "esol"),
    role("esol"),
    arrow("esol", "audience"),
    role("audience"),
  ].join(" ");
  return reversed ? `${text} (${word(l, "flowReversed")})` : text;
};

/** Under way: at a level, and its time is not over. */
export const underWay = (i: Ignition | null, nowMs: number): boolean =>
  i !== null && i.level > 0 && (i.expires_at === null || Date.parse(i.expires_at) > nowMs);

const ignitionFace = (doc: ShowDoc, l: Lang, nowMs: number): Face => {
  const i = doc.ignition;
  const best = i && i.best_level > 0 ? word(l, "ignitionBest", { n: count(i.best_level, l) }) : "";
  if (!i || !underWay(i, nowMs)) return { ...blank(word(l, "ignition"), word(l, "ignitionOff")), relative: best };
  const left = i.expires_at === null ? "" : elapsed(Date.parse(i.expires_at) - nowMs);
  return {
    name: word(l, "ignition"),
    value: word(l, "ignitionLevel", { n: count(i.level, l) }),
    unit: "",
    says: word(l, "ignitionSays", { people: count(i.people, l), goal: count(i.goal, l) }),
    support: left === "" ? word(l, "counted") : word(l, "ignitionLeft", { time: left }),
    relative: best,
  };
};

const faces: Record<TileName, (doc: ShowDoc, l: Lang, nowMs: number) => Face> = {
  sync: syncFace,
  contagion: contagionFace,
  trust: trustFace,
  funnel: funnelFace,
  flow: flowFace,
  ignition: ignitionFace,
};
