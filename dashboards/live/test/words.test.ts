import assert from "node:assert/strict";
import { test } from "node:test";
import { alertKinds, sentence } from "../src/alerts";
import type { Alert, Gauged } from "../src/contract";
import { gradeText, level, spokenHeat, whyNot } from "../src/heat";
import { both, word } from "../src/words";

test("both languages fill in the same names", () => {
  const names = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, en, ja] of both()) assert.deepEqual(names(ja), names(en), key);
});

test("no word is empty, and a missing value leaves no brace behind", () => {
  for (const [key, en, ja] of both()) {
    assert.ok(en.trim() && ja.trim(), key);
    assert.doesNotMatch(word("en", key) + word("ja", key), /[{}]/);
  }
});

const alert = (kind: string, numbers: Alert["numbers"]): Alert => ({
  id: "1",
  scope: "show/S1",
  show_id: "S1",
  esol_id: "",
  kind,
  at: "2026-03-08T12:00:00.000Z",
  numbers,
});

test("alerts are sentences in both languages", () => {
  const raid = alert("raid", { joins_10s: 41, joins_before_mean_10s: 3.24 });
  assert.equal(sentence(raid, "en"), "Many people came at once: 41 in ten seconds, where 3.2 is usual.");
  assert.equal(sentence(raid, "ja"), "一度に大勢が入室しました（10 秒で 41 人、ふだんは 3.2 人）。");
  assert.equal(sentence(alert("hot", { gauge: 77.4 }), "en"), "The room is very hot: heat 77 of 100.");
});

test("an alert without its numbers is still a sentence", () => {
  for (const kind of alertKinds) {
    for (const l of ["en", "ja"] as const) {
      const text = sentence(alert(kind, { gauge: null }), l);
      assert.match(text, /[.。]$/);
      assert.doesNotMatch(text, /undefined|null|（）|：|:|\d/);
    }
  }
});

test("each kind is told with its numbers, in one line", () => {
  const cases: [string, Alert["numbers"], string, string][] = [
    [
      "ignition",
      { level: 1, people: 10, goal: 15 },
      "Ignition: level 1, 10 different people keep it going. Keep the call going until 15 have joined.",
      "点火しました（レベル 1、10 人が参加）。15 人になるまで呼びかけを続けましょう。",
    ],
    [
      "ignition_up",
      { level: 3, people: 25 },
      "Ignition rose to level 3 with 25 people. Show the product while the room carries it.",
      "点火がレベル 3 に上がりました（25 人）。勢いのあるうちに商品を見せましょう。",
    ],
    [
      "hot_not_buying",
      { gauge: 78.2, product_talk_share: 0.08, orders_10m: 4, conversion_10m: 0.012, conversion_before: 0.034 },
      "Hot but not buying: heat 78, 4 orders in 10 min, 1.2% of people buy, 3.4% before, 8% of the talk is about the " +
        "product. Put the product back on air and answer what is asked about it.",
      "熱いのに売れていません（熱量 78、10 分で注文 4 件、購入率 1.2%、以前は 3.4%、商品の話題は 8%）。" +
        "商品をもう一度紹介し、質問に答えましょう。",
    ],
    [
      "cold_brand",
      { gauge: 71, brand_share: 0.03, terms_people: 5 },
      "The room is hot, the brand is cold: heat 71, 3% of the talk is about it, by 5 people. Tell the brand's own story " +
        "next.",
      "部屋は熱いのに、ブランドが冷えています（熱量 71、ブランドの話題は 3%、話しているのは 5 人）。" +
        "次はブランドの物語を語りましょう。",
    ],
    [
      "cooled_after_call",
      { temperature_before: 1.84, temperature_after: 1.1, seconds: 120 },
      "The room cooled after the call to action: 1.8 to 1.1 J per head, within 120 s. Give something before asking again.",
      "呼びかけのあと部屋が冷めました（120 秒で 1.8 → 1.1 J / 人）。もう一度頼む前に、見どころを届けましょう。",
    ],
    [
      "reverse_flow",
      { theta_esol: 1.12, theta_audience: 1.62 },
      "The room is hotter than the seller: room 1.6, seller 1.1. Let the seller read comments aloud and catch up.",
      "部屋の方がセラーより熱くなっています（部屋 1.6、セラー 1.1）。コメントを読み上げ、熱に応えましょう。",
    ],
    [
      "lookalike_flood",
      { accounts: 9, comments: 44, seconds: 60 },
      "Many comments look alike: 44 comments, 9 accounts, within 60 s. They count less in the heat; look at them before " +
        "reacting.",
      "似た文面のコメントが集中しています（9 アカウント、44 件、60 秒間）。熱量では軽く数えています。" +
        "反応する前に中身を確かめましょう。",
    ],
    [
      "no_order",
      { minutes: 12, people_active: 86, orders_before_per_10m: 8.2 },
      "No order for 12 min: 86 people active, 8.2 orders per 10 min before. Say price, stock and how to buy.",
      "12 分間、注文がありません（参加中 86 人、以前は 10 分で 8.2 件）。価格・在庫・買い方を伝えましょう。",
    ],
  ];
  for (const [kind, numbers, en, ja] of cases) {
    assert.equal(sentence(alert(kind, numbers), "en"), en);
    assert.equal(sentence(alert(kind, numbers), "ja"), ja);
  }
});

test("an unknown alert is told by its name and numbers", () => {
  assert.equal(
    sentence(alert("warm_brand", { share_ratio: 0.04, gauge: 71 }), "en"),
    "warm brand: share ratio 0.04, gauge 71",
  );
  assert.equal(sentence(alert("toString", {}), "en"), "toString"); // not the method of an object
});

const heat = (more: Partial<Gauged>): Gauged => ({
  gauge: null,
  gauge_lo: null,
  gauge_hi: null,
  grade: null,
  insufficient: null,
  temperature_j_per_head: null,
  power_watts: null,
  active_heads: 0,
  ...more,
});

test("the level turns at the quartiles, with the number that is shown", () => {
  assert.deepEqual([0, 24.49, 24.5, 49.4, 49.5, 74.4, 74.5, 100].map(level), [
    "cool",
    "cool",
    "warm",
    "warm",
    "hot",
    "hot",
    "veryhot",
    "veryhot",
  ]);
});

test("what is not known says why, and never a number", () => {
  assert.match(whyNot(heat({ insufficient: "too_few_people" }), "no_room", "en"), /people/);
  assert.match(whyNot(heat({ insufficient: "some_new_reason" }), "no_room", "en"), /Not enough/);
  assert.match(whyNot(null, "no_room", "ja"), /まだ/);
  assert.doesNotMatch(spokenHeat(heat({ insufficient: "too_young" }), "no_room", true, "en"), /\d/);
});

test("a gauge is spoken whole", () => {
  const h = heat({ gauge: 66.8, gauge_lo: 61.1, gauge_hi: 72.1, grade: "A" });
  assert.equal(
    spokenHeat(h, "no_room", true, "en"),
    "67 of 100, Hot, provisional, 95 % between 61 and 72, Grade A – well supported",
  );
  assert.doesNotMatch(spokenHeat(h, "no_room", false, "en"), /provisional/);
  assert.equal(gradeText("Z", "en"), "");
});

test("one is one, in every word that counts something", () => {
  for (const [key, en] of both()) {
    for (const [, name = "", noun = ""] of en.matchAll(/\{(\w+)\} (people|persons|orders|accounts|comments|shows|shares|currencies|brands|campaigns|sellers)\b/g))
      assert.fail(`${key} has {${name}} ${noun}, of one too`);
  }
  const one = { people: "1", n: "1", share: "3 %", buyers: "1", comments: "1", accounts: "2", shows: "1", of: "1" };
  assert.equal(word("en", "conversionOf", one), "1 of 1 person bought");
  assert.equal(word("en", "floodIs", one), "1 comment of 2 accounts");
  assert.equal(word("en", "people", one), "person");
  assert.equal(word("en", "people", { n: "0" }), "people");
  assert.equal(word("en", "correctedOrders", { n: "1,001" }), "1,001 orders");
  assert.equal(word("en", "brandShared", one), "1 of them sells other brands too: the heat is the room's, and counts whole for each.");
  assert.equal(word("ja", "conversionOf", one), "1 人中 1 人が購入");
  for (const kind of alertKinds) {
    const ones = { people: 1, orders_10m: 1, terms_people: 1, people_active: 1, comments: 1, accounts: 1, goal: 1, orders_before_per_10m: 1 };
    assert.doesNotMatch(sentence(alert(kind, ones), "en"), /\b1 (\w+ )?(people|orders|comments|accounts|have)\b/);
  }
});
