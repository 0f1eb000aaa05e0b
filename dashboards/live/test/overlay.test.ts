import assert from "node:assert/strict";
import { test } from "node:test";
import type { CampaignDoc, Money } from "../src/contract";
import { filled, goalOf } from "../src/overlay/goal";
import { options, showFields } from "../src/overlay/options";
import { ageMs, dimAfterMs, goneAfterMs, hear, presence, type Hearing } from "../src/overlay/presence";
import { seeded } from "./seeded";

const signed = (scope: string, fields: string): string =>
  new URLSearchParams({ scope, fields, exp: "1", kid: "k", sig: "s" }).toString();

test("an address chooses widgets, in its order, each once", () => {
  const of = (search: string): readonly string[] => options("/overlay/S42", search).widgets;
  assert.deepEqual(of("?campaign=C1"), ["gauge", "goal", "ignition"]);
  assert.deepEqual(of("?campaign=C1&widgets=ignition,gauge,ignition,clock,,toString"), ["ignition", "gauge"]);
  assert.deepEqual(of("?widgets="), []);
  assert.deepEqual(of(""), ["gauge", "ignition"], "a goal is of a campaign");
  assert.deepEqual(options("/overlay/", "?campaign=C1").widgets, ["goal"]);
});

test("a show may have any id, behind any prefix", () => {
  for (const id of ["S42", "a/b", "春 #1?%", "🔥"])
    assert.equal(options(`/under/overlay/${encodeURIComponent(id)}`, "").show, id);
  assert.equal(options("/overlay/%zz", "").show, null);
});

test("what an address does not understand is as if it were not there", () => {
  const scale = (text: string): number => options("/overlay/S", `?scale=${text}`).scale;
  assert.deepEqual(["1.5", "0", "-1", "x", "", "Infinity", "99", "0.01", "1e-9"].map(scale), [1.5, 1, 1, 1, 1, 1, 4, 0.25, 0.25]);
  const o = options("/overlay/S", "?lang=fr&theme=blue&animate=yes");
  assert.deepEqual([o.lang, o.theme, o.animate], [null, "dark", false]);
});

test("a signed address asks for what it grants, and is all that opens the feed", () => {
  const address = `?${signed("show/S42", "room")}&widgets=gauge,goal,ignition&lang=ja&campaign=C1`;
  const o = options("/overlay/S42", address);
  assert.deepEqual(o.widgets, ["gauge"]);
  assert.equal(o.signed, signed("show/S42", "room"));
  const both = options("/overlay/S42", `?${signed("show/S42", "*")}&goal=${encodeURIComponent(signed("campaign/C 1", "money"))}`);
  assert.deepEqual([both.widgets, both.campaign], [["gauge", "goal", "ignition"], "C 1"]);
  assert.equal(both.signed, `${signed("show/S42", "*")}&goal=${encodeURIComponent(signed("campaign/C 1", "money"))}`);
  const other = options("/overlay/S42", `?${signed("show/S42", "*")}&goal=${encodeURIComponent(signed("show/S1", "money"))}`);
  assert.deepEqual(other.widgets, ["gauge", "ignition"]);
});

test("only the fields that a widget needs are asked for", () => {
  assert.ok(!showFields(["gauge"]).some((f) => f.startsWith("ignition")));
  assert.ok(!showFields(["ignition"]).some((f) => f.startsWith("room")));
});

test("an old number is dimmed, and after a minute is gone, whatever made it old", () => {
  let hearing: Hearing = { beatMs: 0, heardMs: 0 };
  const seen = (nowMs: number, watermark: number | null): string => presence(ageMs(nowMs, hearing.heardMs, watermark));
  for (let now = 0; now <= 10_000; now += 250) hearing = hear(hearing, now, true);
  assert.equal(seen(10_000, 5_000), "shown");
  assert.equal(seen(10_000, null), "shown");
  for (let now = 10_250; now <= 10_000 + dimAfterMs; now += 250) hearing = hear(hearing, now, false); // the feed is lost
  assert.equal(seen(10_000 + dimAfterMs, null), "shown");
  assert.equal(seen(10_001 + dimAfterMs, null), "dim");
  assert.equal(seen(10_000 + goneAfterMs, null), "dim");
  assert.equal(seen(10_001 + goneAfterMs, null), "gone");
  assert.equal(presence(ageMs(1e9, 1e9, 1e9 - goneAfterMs - 1)), "gone", "a feed that is well may still have old numbers");
});

test("the first beat after a sleep believes nothing", () => {
  const slept = hear({ beatMs: 1_000, heardMs: 1_000 }, 3_600_000, true);
  assert.equal(slept.heardMs, 1_000);
  assert.equal(hear(slept, 3_600_250, true).heardMs, 3_600_250);
});

const yen = (minor: bigint): Money => ({ minor: minor.toString(), currency: "JPY", exponent: 0 });

const campaign = (current: Money, target: Money): Pick<CampaignDoc, "returns"> =>
  ({ returns: [{ currency: "JPY", variants: [], expected: null, pace: { current, target, hit: false } }] }) as never;

test("a goal's percent is exact, rounded down, and its bar stays within itself", () => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = seeded(seed);
    const size = (): bigint => BigInt(Math.floor(random() * 2 ** 31)) ** BigInt(1 + Math.floor(random() * 2));
    const [target, current] = [size() + 1n, random() < 0.2 ? -size() : size()];
    const goal = goalOf(campaign(yen(current), yen(target)))!;
    const p = BigInt(goal.percent);
    if (p < BigInt(Number.MAX_SAFE_INTEGER) && p > -BigInt(Number.MAX_SAFE_INTEGER)) {
      assert.ok(p * target <= current * 100n && (p + 1n) * target > current * 100n, `seed ${seed}`);
    }
    assert.ok(filled(goal) >= 0 && filled(goal) <= 100, `seed ${seed}`);
  }
});

test("99.9 percent is not reached", () => {
  assert.equal(goalOf(campaign(yen(999_999n), yen(1_000_000n)))!.percent, 99);
  assert.equal(goalOf(campaign(yen(-1n), yen(1_000_000n)))!.percent, -1);
});

test("without a commitment there is no goal", () => {
  assert.equal(goalOf({ returns: [] }), null);
  assert.equal(goalOf({ returns: [{ currency: "JPY", pace: null }] as never }), null);
  assert.equal(goalOf(campaign(yen(5n), yen(0n))), null);
  assert.equal(goalOf(campaign(yen(5n), { ...yen(5n), currency: "USD" })), null);
});
