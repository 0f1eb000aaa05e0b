// What the address of an overlay asks for. Pure.
//
//	/overlay/SHOW ? widgets=gauge,goal,ignition   which, in their order from the top; without it all three
//	              & campaign=ID                   whose commitment the goal bar is of
//	              & lang=ja|en                    without it the browser's
//	              & theme=dark|light              of the plates behind the text; dark without it
//	              & scale=0.25..4
//	              & animate=1                     steps glide, unless the system asks for reduced motion
//	              & scope= & fields= & exp= & kid= & sig=   where the port has keys: of the show's signed address
//	              & goal=QUERY                    likewise: those five of the campaign's, escaped; instead of campaign
//
// A value that is not one of these is as if it were not there: an overlay on the air has nobody to complain to.
import type { Lang, Theme } from "../settings";

export type Widget = "gauge" | "goal" | "ignition";

const all: readonly Widget[] = ["gauge", "goal", "ignition"];

export interface Options {
  show: string | null;
  widgets: readonly Widget[];
  campaign: string | null;
  lang: Lang | null;
  theme: Theme;
  scale: number;
  animate: boolean;
  /** The query that opens the feed, to the show and to the campaign beside: "" where it is open. */
  signed: string;
}

const signature = ["scope", "fields", "exp", "kid", "sig"];

export const options = (path: string, search: string): Options => {
  const q = new URLSearchParams(search);
  const goal = new URLSearchParams(q.get("goal") ?? "");
  const show = showOf(path);
  const [own, beside] = [signedOf(q), signedOf(goal)];
  const open = own === "";
  const campaign = open ? q.get("campaign") : idOf(goal.get("scope"));
  const may: Record<Widget, boolean> = {
    gauge: show !== null && grants(q, "room"),
    ignition: show !== null && grants(q, "insight"),
    goal: campaign !== null && campaign !== "" && grants(goal, "money"),
  };
  const asked = q.has("widgets") ? [...new Set((q.get("widgets") ?? "").split(","))] : all;
  const lang = q.get("lang");
  return {
    show,
    widgets: asked.filter((w): w is Widget => Object.hasOwn(may, w) && may[w as Widget]),
    campaign: campaign || null,
    lang: lang === "ja" || lang === "en" ? lang : null,
    theme: q.get("theme") === "light" ? "light" : "dark",
    scale: scaleOf(q.get("scale")),
    animate: q.get("animate") === "1",
    signed: open || beside === "" || !may.goal ? own : `${own}&goal=${encodeURIComponent(beside)}`,
  };
};

const showOf = (path: string): string | null => {
  try {
    return decodeURIComponent(/\/overlay\/([^/]+)$/.exec(path)?.[1] ?? "") || null;
  } catch {
    return null; // a broken escape names nothing
  }
};

const idOf = (scope: string | null): string | null => /^campaign\/(.+)$/.exec(scope ?? "")?.[1] ?? null;

/** Those parameters that are signed, and no others: the feed need not be told how an overlay looks. */
const signedOf = (q: URLSearchParams): string =>
  q.has("sig") ? new URLSearchParams(signature.map((name) => [name, q.get(name) ?? ""])).toString() : "";

/** Whether an address grants a kind of fields. Asking for one that it does not would refuse the rest too. */
const grants = (q: URLSearchParams, kind: string): boolean =>
  !q.has("sig") || (q.get("fields") ?? "").split(",").some((f) => f === kind || f === "*");

const scaleOf = (text: string | null): number => {
  const n = Number(text);
  return text !== null && text.trim() !== "" && Number.isFinite(n) && n > 0 ? Math.min(4, Math.max(0.25, n)) : 1;
};

/** The fields of the show's document that the widgets need. */
export const showFields = (widgets: readonly Widget[]): string[] => [
  "kind",
  "state",
  "watermark",
  ...(widgets.includes("gauge") ? ["room.provisional.heat.gauge", "room.final.heat.gauge"] : []),
  ...(widgets.includes("ignition") ? ["ignition"] : []),
];

export const goalFields = ["kind", "returns.pace.target", "returns.pace.current", "returns.pace.hit"];
