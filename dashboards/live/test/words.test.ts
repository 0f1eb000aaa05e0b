import assert from "node:assert/strict";
import { test } from "node:test";
import { sentence } from "../src/alerts";
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
  for (const kind of ["hot", "cold", "raid"]) {
    for (const l of ["en", "ja"] as const) {
      const text = sentence(alert(kind, { gauge: null }), l);
      assert.match(text, /[.。]$/);
      assert.doesNotMatch(text, /undefined|null|（）|：|\d/);
    }
  }
});

test("an unknown alert is told by its name and numbers", () => {
  assert.equal(
    sentence(alert("cold_brand", { share_ratio: 0.04, gauge: 71 }), "en"),
    "cold brand: share ratio 0.04, gauge 71",
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
