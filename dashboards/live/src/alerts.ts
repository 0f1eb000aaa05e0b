// Alerts as sentences. The feed sends a kind and numbers; the words are made here, in both languages: what is seen,
// what it means, and for a diagnosis what a producer could do next. A kind that this page does not know yet is told by
// its name and numbers, rather than not at all.
import { ofNumber } from "./words";
import type { Alert } from "./contract";
import { count, fixed, percent, wholePercent } from "./format";
import type { Lang } from "./settings";

/** Numbers by name, as text; undefined: not told. */
interface Numbers {
  (name: string): string | undefined;
  share(name: string): string | undefined;
  rate(name: string): string | undefined; // a share that is small
}

type Sentence = (n: Numbers) => string;

const and = (value: string | undefined, f: (v: string) => string): string => (value === undefined ? "" : f(value));

/** The clauses that are there, joined. */
const some = (join: string, ...clauses: string[]): string => clauses.filter((c) => c !== "").join(join);

const aside = (...clauses: string[]): string => and(some(", ", ...clauses) || undefined, (t) => `: ${t}`);

const brackets = (...clauses: string[]): string => and(some("、", ...clauses) || undefined, (t) => `（${t}）`);

const en: Record<string, Sentence> = {
  hot: (n) => `The room is very hot${aside(and(n("gauge"), (g) => `heat ${g} of 100`))}.`,
  cold: (n) => `The room has gone cold${aside(and(n("gauge"), (g) => `heat ${g} of 100`))}.`,
  raid: (n) => {
    const joins = and(n("joins_10s"), (j) => `: ${j} in ten seconds`);
    return `Many people came at once${joins}${and(n("joins_before_mean_10s"), (m) => `, where ${m} is usual`)}.`;
  },
  ignition: (n) => {
    const people = and(n("people"), (p) => `${p} different ${ofNumber(p, "person keeps", "people keep")} it going`);
    const goal = and(n("goal"), (g) => ` until ${g} ${ofNumber(g, "has", "have")} joined`);
    return `Ignition${aside(
      and(n("level"), (v) => `level ${v}`),
      people,
    )}. Keep the call going${goal}.`;
  },
  ignition_up: (n) => {
    const level = and(n("level"), (v) => ` to level ${v}`);
    const people = and(n("people"), (p) => ` with ${p} ${ofNumber(p, "person", "people")}`);
    return `Ignition rose${level}${people}. Show the product while the room carries it.`;
  },
  hot_not_buying: (n) => {
    const orders = and(n("orders_10m"), (o) => `${o} ${ofNumber(o, "order", "orders")} in 10 min`);
    const now = and(n.rate("conversion_10m"), (c) => `${c} of people buy`);
    const before = and(n.rate("conversion_before"), (c) => `${c} before`);
    const talk = and(n.share("product_talk_share"), (s) => `${s} of the talk is about the product`);
    const facts = aside(
      and(n("gauge"), (g) => `heat ${g}`),
      orders,
      now,
      before,
      talk,
    );
    return `Hot but not buying${facts}. Put the product back on air and answer what is asked about it.`;
  },
  cold_brand: (n) => {
    const share = and(n.share("brand_share"), (s) => `${s} of the talk is about it`);
    const facts = aside(
      and(n("gauge"), (g) => `heat ${g}`),
      share,
      and(n("terms_people"), (p) => `by ${p} ${ofNumber(p, "person", "people")}`),
    );
    return `The room is hot, the brand is cold${facts}. Tell the brand's own story next.`;
  },
  cooled_after_call: (n) => {
    const fall = and(n("temperature_before"), (b) => and(n("temperature_after"), (a) => `${b} to ${a} J per head`));
    const facts = aside(
      fall,
      and(n("seconds"), (s) => `within ${s} s`),
    );
    return `The room cooled after the call to action${facts}. Give something before asking again.`;
  },
  reverse_flow: (n) => {
    const facts = aside(
      and(n("theta_audience"), (a) => `room ${a}`),
      and(n("theta_esol"), (e) => `seller ${e}`),
    );
    return `The room is hotter than the seller${facts}. Let the seller read comments aloud and catch up.`;
  },
  lookalike_flood: (n) => {
    const facts = aside(
      and(n("comments"), (c) => `${c} ${ofNumber(c, "comment", "comments")}`),
      and(n("accounts"), (a) => `${a} ${ofNumber(a, "account", "accounts")}`),
      and(n("seconds"), (s) => `within ${s} s`),
    );
    return `Many comments look alike${facts}. They count less in the heat; look at them before reacting.`;
  },
  no_order: (n) => {
    const facts = aside(
      and(n("people_active"), (p) => `${p} ${ofNumber(p, "person", "people")} active`),
      and(n("orders_before_per_10m"), (o) => `${o} ${ofNumber(o, "order", "orders")} per 10 min before`),
    );
    return `No order${and(n("minutes"), (m) => ` for ${m} min`)}${facts}. Say price, stock and how to buy.`;
  },
};

const ja: Record<string, Sentence> = {
  hot: (n) => `部屋がとても熱くなりました${brackets(and(n("gauge"), (g) => `熱量 ${g}`))}。`,
  cold: (n) => `部屋が冷めました${brackets(and(n("gauge"), (g) => `熱量 ${g}`))}。`,
  raid: (n) => {
    const usual = and(n("joins_before_mean_10s"), (m) => `、ふだんは ${m} 人`);
    return `一度に大勢が入室しました${and(n("joins_10s"), (j) => `（10 秒で ${j} 人${usual}）`)}。`;
  },
  ignition: (n) => {
    const facts = brackets(
      and(n("level"), (v) => `レベル ${v}`),
      and(n("people"), (p) => `${p} 人が参加`),
    );
    return `点火しました${facts}。${and(n("goal"), (g) => `${g} 人になるまで`)}呼びかけを続けましょう。`;
  },
  ignition_up: (n) => {
    const level = and(n("level"), (v) => `レベル ${v} に`);
    return `点火が${level}上がりました${brackets(and(n("people"), (p) => `${p} 人`))}。勢いのあるうちに商品を見せましょう。`;
  },
  hot_not_buying: (n) => {
    const facts = brackets(
      and(n("gauge"), (g) => `熱量 ${g}`),
      and(n("orders_10m"), (o) => `10 分で注文 ${o} 件`),
      and(n.rate("conversion_10m"), (c) => `購入率 ${c}`),
      and(n.rate("conversion_before"), (c) => `以前は ${c}`),
      and(n.share("product_talk_share"), (s) => `商品の話題は ${s}`),
    );
    return `熱いのに売れていません${facts}。商品をもう一度紹介し、質問に答えましょう。`;
  },
  cold_brand: (n) => {
    const facts = brackets(
      and(n("gauge"), (g) => `熱量 ${g}`),
      and(n.share("brand_share"), (s) => `ブランドの話題は ${s}`),
      and(n("terms_people"), (p) => `話しているのは ${p} 人`),
    );
    return `部屋は熱いのに、ブランドが冷えています${facts}。次はブランドの物語を語りましょう。`;
  },
  cooled_after_call: (n) => {
    const fall = and(n("temperature_before"), (b) => and(n("temperature_after"), (a) => `${b} → ${a} J / 人`));
    const facts = brackets(
      some(
        " ",
        and(n("seconds"), (s) => `${s} 秒で`),
        fall,
      ),
    );
    return `呼びかけのあと部屋が冷めました${facts}。もう一度頼む前に、見どころを届けましょう。`;
  },
  reverse_flow: (n) => {
    const facts = brackets(
      and(n("theta_audience"), (a) => `部屋 ${a}`),
      and(n("theta_esol"), (e) => `セラー ${e}`),
    );
    return `部屋の方がセラーより熱くなっています${facts}。コメントを読み上げ、熱に応えましょう。`;
  },
  lookalike_flood: (n) => {
    const facts = brackets(
      and(n("accounts"), (a) => `${a} アカウント`),
      and(n("comments"), (c) => `${c} 件`),
      and(n("seconds"), (s) => `${s} 秒間`),
    );
    return `似た文面のコメントが集中しています${facts}。熱量では軽く数えています。反応する前に中身を確かめましょう。`;
  },
  no_order: (n) => {
    const facts = brackets(
      and(n("people_active"), (p) => `参加中 ${p} 人`),
      and(n("orders_before_per_10m"), (o) => `以前は 10 分で ${o} 件`),
    );
    return `${and(n("minutes"), (m) => `${m} 分間、`)}注文がありません${facts}。価格・在庫・買い方を伝えましょう。`;
  },
};

/** The kinds that have a sentence of their own. */
export const alertKinds: readonly string[] = Object.keys(en);

/** The sentence of an alert. */
export const sentence = (a: Alert, lang: Lang): string => {
  const sentences = lang === "ja" ? ja : en;
  const known = Object.hasOwn(sentences, a.kind) ? sentences[a.kind] : undefined;
  return known ? known(numbersOf(a, lang)) : plain(a, lang);
};

const numbersOf = (a: Alert, lang: Lang): Numbers => {
  const get =
    (show: (n: number, l: Lang) => string) =>
    (name: string): string | undefined => {
      const value = a.numbers[name];
      return typeof value === "number" ? show(value, lang) : undefined;
    };
  return Object.assign(get(figure), { share: get(wholePercent), rate: get(percent) });
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
