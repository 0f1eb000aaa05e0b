import assert from "node:assert/strict";
import { test } from "node:test";
import { alertKinds } from "../src/alerts";
import type { Alert, Row } from "../src/contract";
import { mutedFrom, mutedKept, news, ofAlerts, ofRows, severityOf, titled, toggled, type Notice } from "../src/notices";
import { isWord } from "../src/words";
import { seeded } from "./seeded";

const notice = (id: string, showId = "S1"): Notice => ({ id, showId, severity: "tell" });

test("every notice is news once, however the list moves on, and never from a muted show", () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = seeded(seed);
    const sent: Notice[] = [];
    const told: string[] = [];
    let before: Notice[] = [];
    for (let step = 0; step < 20; step++) {
      const come = Array.from({ length: Math.floor(random() * 3) }, (_, i) => notice(`${step}/${i}`, random() < 0.3 ? "S2" : "S1"));
      sent.push(...come);
      const now = [...come, ...before].slice(0, 10); // newest first, the oldest go
      told.push(...news(before, now, ["S2"]).map((n) => n.id));
      before = now;
    }
    assert.deepEqual(told, sent.filter((n) => n.showId === "S1").map((n) => n.id), `seed ${seed}`);
  }
});

test("a row is a notice while it asks for attention, and a new one when it asks for something else", () => {
  const row = (attention: string | null, state = "on_air"): Row => ({ scope: "show/S1", id: "S1", attention, state }) as Row;
  const [none, first, second] = [ofRows([row(null)]), ofRows([row("no_order")]), ofRows([row("cold_brand")])];
  assert.equal(news(none, first, []).length, 1);
  assert.equal(news(first, first, []).length, 0);
  assert.equal(news(first, second, [])[0]?.severity, "act");
  assert.equal(news(first, none, []).length, 0);
  assert.deepEqual(ofRows([row("no_order", "ended")]), []);
});

test("what the board asks attention for is what a page sounds two notes for", () => {
  for (const kind of alertKinds) assert.equal(severityOf(kind) === "act", isWord(`attn_${kind}`), kind);
  const raid = { id: "1", show_id: "S1", kind: "raid" } as Alert;
  assert.deepEqual(ofAlerts([raid]), [notice("1")]);
});

test("the title counts what was missed", () => {
  assert.equal(titled("春の新作 – Netsu", 0), "春の新作 – Netsu");
  assert.equal(titled("春の新作 – Netsu", 2), "(2) ● 春の新作 – Netsu");
});

test("muted shows are bounded, survive storage, and whatever else is in it", () => {
  let muted: string[] = [];
  for (let i = 0; i < mutedKept + 7; i++) muted = toggled(muted, `S${i}`);
  assert.equal(muted.length, mutedKept);
  assert.equal(muted[0], "S7");
  assert.deepEqual(mutedFrom(JSON.stringify(muted)), muted);
  assert.deepEqual(toggled(["a", "b"], "a"), ["b"]);
  for (const broken of [null, "", "{", "{}", "7"]) assert.deepEqual(mutedFrom(broken), []);
  assert.deepEqual(mutedFrom('["a",7,null]'), ["a"]);
});
