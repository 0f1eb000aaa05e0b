import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import example from "../../../stream/feed/testdata/example_restatement.json";
import type { Alert, Money, Restated, Restatement } from "../src/contract";
import { correctionsOf, correctionText } from "../src/corrections";
import { decimal, hourMinute, money, signedMoney } from "../src/format";
import { isWord } from "../src/words";
import { seeded } from "./seeded";

// Times are told in the zone of whoever looks, so the expected text is made of them.
const published: Alert = example.alerts[0]!;
const refund = published.restatement!;
const now = Date.parse("2026-03-08T12:00:00.000Z");

test("the feed's example is a refund in plain words", () => {
  const at = hourMinute(refund.from!, now, "en");
  assert.equal(correctionText(refund, now, "en"), `Refund: 2 orders, −¥9,800, commission −¥980 (of ${at})`);
  assert.equal(correctionText(refund, now, "ja"), `返金 2 件 −¥9,800、報酬 −¥980（${at} の注文）`);
});

test("orders of more than a minute have both ends of it", () => {
  const longer = { ...refund, from: "2026-03-08T11:20:00.000Z", to: "2026-03-08T11:35:00.000Z" };
  const [from, to] = [hourMinute(longer.from, now, "ja"), hourMinute(longer.to, now, "ja")];
  assert.match(correctionText(longer, now, "ja"), new RegExp(`（${from}〜${to} の注文）$`));
});

test("every reason of the feed has its words", () => {
  const proto = readFileSync("../../stream/event/eventpb/meter.proto", "utf8");
  const reasons = [...(/enum Reason \{([^}]*)\}/.exec(proto)?.[1] ?? "").matchAll(/^\s*([A-Z_]+) = [1-9]/gm)].map((m) => m[1]!.toLowerCase());
  assert.ok(reasons.length > 9, `only ${reasons.length} reasons found`);
  for (const r of [...reasons, "other"]) assert.ok(isWord(`restated_${r}`), r);
});

const zero = (currency: string): Restated => {
  const none: Money = { minor: "0", currency, exponent: 2 };
  const r = { ...(refund.amounts[0] as Restated), currency };
  for (const [name, v] of Object.entries(r)) if (typeof v === "object") (r as unknown as Record<string, Money>)[name] = none;
  return r;
};

const of = (...amounts: Restated[]): Restatement => ({ ...refund, orders: 0, from: null, to: null, order_ids: [], amounts });

test("where no amount has changed, that is said, and what is not known is not told", () => {
  for (const l of ["en", "ja"] as const) {
    const text = correctionText({ ...of(zero("USD")), reason: "held" }, now, l);
    assert.match(text, l === "en" ? /^Held for a look: amounts stay/ : /^確認のため保留 金額に変更なし$/);
    assert.doesNotMatch(text, /\d|undefined|null|NaN/);
  }
  assert.match(correctionText({ ...of(), reason: "of_the_future" }, now, "en"), /^of the future: /);
});

test("an amount other than the net has its name, and the fourth currency is counted", () => {
  const fee: Restated = { ...zero("USD"), commission: { minor: "-5", currency: "USD", exponent: 2 } };
  assert.equal(correctionText({ ...of(fee), reason: "rated_again" }, now, "en"), "Commission rated again: commission −$0.05");
  const sold = (c: string): Restated => ({ ...zero(c), created: { minor: "100", currency: c, exponent: 2 } });
  const text = correctionText(of(sold("USD"), zero("SEK"), sold("EUR"), sold("GBP"), sold("SGD"), sold("AUD")), now, "en");
  assert.equal(text, "Refund: Created +$1.00, Created +€1.00, Created +£1.00, and 2 more currencies");
});

test("a signed amount is the amount exactly, with its sign, whatever its size", () => {
  for (let seed = 0; seed < 500; seed++) {
    const random = seeded(seed);
    const size = BigInt(Math.floor(random() * 2 ** 52)) * BigInt(Math.floor(random() * 2 ** 20)) + 1n;
    const m: Money = { minor: (random() < 0.5 ? -size : size).toString(), currency: "KWD", exponent: 3 };
    const text = signedMoney(m, "en");
    assert.equal(text[0], m.minor.startsWith("-") ? "−" : "+", `seed ${seed}`);
    assert.equal(text.slice(1).replace(/[^\d.]/g, ""), decimal(size.toString(), 3), `seed ${seed}`);
    assert.equal(text.slice(1), money({ ...m, minor: size.toString() }, "en"), `seed ${seed}`);
  }
});

test("corrections of other scopes are left out, and what is none", () => {
  const of = (id: string, scope: string): Alert => ({ ...published, id, scope });
  const { restatement: _, ...none } = of("3", "campaign/C");
  const all = [of("1", "campaign/C"), of("2", "deal/C:E"), none];
  assert.deepEqual(correctionsOf("campaign/C", all).map((a) => a.id), ["1"]);
});
