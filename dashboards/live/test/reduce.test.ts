import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert, BoardDoc, Doc, Row, ShowDoc } from "../src/contract";
import { columns } from "../src/points";
import { alertsKept, emptyTopic, reduce, watermarkOf, withAlerts, type TopicState } from "../src/reduce";
import { href, parse } from "../src/route";
import { seeded } from "./seeded";

const show = (more: Record<string, unknown>): Doc =>
  ({ kind: "show", id: "S1", watermark: "2026-03-08T12:00:00.000Z", ...more }) as unknown as ShowDoc;

const snap = (doc: Doc | null, cursor: string, now = 0): TopicState => {
  const next = reduce(
    emptyTopic,
    { t: "snap", sub: 1, topic: "show/S1", cursor, data: doc, reason: doc ? "" : "not_yet" },
    now,
  );
  assert.notEqual(next, "gap");
  return next as TopicState;
};

test("a delta goes into the document and leaves the document before it alone", () => {
  const before = snap(show({ title: "a", room: { final: 1 } }), "c1");
  const after = reduce(
    before,
    { t: "delta", sub: 1, from: "c1", to: "c2", set: { room: { provisional: 2 } } },
    0,
  ) as TopicState;
  assert.deepEqual((after.doc as ShowDoc).room, { final: 1, provisional: 2 });
  assert.equal((after.doc as ShowDoc).title, "a");
  assert.equal(after.cursor, "c2");
  assert.deepEqual((before.doc as ShowDoc).room, { final: 1 });
});

test("a delta that does not follow, or has nothing to follow, is a gap", () => {
  assert.equal(reduce(snap(show({}), "c1"), { t: "delta", sub: 1, from: "c0", to: "c2", set: {} }, 0), "gap");
  assert.equal(reduce(snap(null, "c1"), { t: "delta", sub: 1, from: "c1", to: "c2", set: {} }, 0), "gap");
  assert.equal(reduce(emptyTopic, { t: "delta", sub: 1, from: "", to: "c2", set: {} }, 0), "gap");
});

test("however updates are merged into deltas, the last document is the last view", () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = seeded(seed);
    const view: Record<string, number> = { room: 0, money: 0, trend: 0 };
    let state = snap(show(view), "0");
    let pending: Record<string, number> = {};
    let sent = 0;
    for (let i = 1; i < 30; i++) {
      const part = ["room", "money", "trend"][Math.floor(random() * 3)]!;
      view[part] = pending[part] = i;
      if (random() < 0.5) continue; // merged into the next one
      const next = reduce(state, { t: "delta", sub: 1, from: String(sent), to: String(i), set: pending }, i);
      assert.notEqual(next, "gap");
      [state, sent, pending] = [next as TopicState, i, {}];
    }
    const last = reduce(state, { t: "delta", sub: 1, from: String(sent), to: "end", set: pending }, 99) as TopicState;
    assert.deepEqual(last.doc, show(view), `seed ${seed}`);
  }
});

test("it is remembered when the watermark last moved", () => {
  const first = snap(show({}), "1", 1000);
  assert.equal(first.movedMs, 1000);
  const same = reduce(first, { t: "delta", sub: 1, from: "1", to: "2", set: { room: 1 } }, 2000) as TopicState;
  assert.equal(same.movedMs, 1000);
  const moved = reduce(
    same,
    { t: "delta", sub: 1, from: "2", to: "3", set: { watermark: "2026-03-08T12:00:01.000Z" } },
    3000,
  );
  assert.equal((moved as TopicState).movedMs, 3000);
});

test("one show that lags does not make the board look old", () => {
  const row = (state: string, watermark: string | null): Row => ({ state, watermark }) as Row;
  const board = (...shows: Row[]): BoardDoc =>
    ({ kind: "shows", on_air: 1, shows, watermark: "2026-03-08T11:00:00.000Z" }) as unknown as BoardDoc;
  const at = Date.parse("2026-03-08T12:00:00.000Z");
  assert.equal(
    watermarkOf(board(row("on_air", "2026-03-08T11:00:00.000Z"), row("idle", "2026-03-08T12:00:00.000Z"))),
    at,
  );
  assert.equal(watermarkOf(board(row("ended", "2026-03-08T12:00:00.000Z"))), at - 3600_000);
  assert.equal(watermarkOf(board(row("on_air", null))), null);
  assert.equal(watermarkOf(null), null);
});

const alert = (id: string, at: string): Alert => ({
  id,
  scope: "",
  show_id: "",
  esol_id: "",
  kind: "hot",
  at,
  numbers: {},
});

test("alerts are kept once each, newest first, and bounded", () => {
  const held = withAlerts([], [alert("a", "2026-03-08T12:00:00Z"), alert("b", "2026-03-08T12:01:00Z")]);
  assert.deepEqual(
    held.map((a) => a.id),
    ["b", "a"],
  );
  assert.equal(withAlerts(held, [alert("a", "2026-03-08T12:00:00Z")]), held);
  const many = Array.from({ length: 200 }, (_, i) => alert(`x${i}`, new Date(i * 1000).toISOString()));
  const kept = withAlerts([], many);
  assert.equal(kept.length, alertsKept);
  assert.equal(kept[0]!.id, "x199");
});

test("addresses survive any id", () => {
  for (const id of ["S42", "a/b", "春 #1?%", "..", "%zz"]) {
    assert.deepEqual(parse(href({ page: "show", id })), { page: "show", id });
    assert.deepEqual(parse(href({ page: "esol", id })), { page: "esol", id });
    assert.deepEqual(parse(href({ page: "campaign", id })), { page: "campaign", id });
  }
  for (const hash of ["", "#", "#/", "#/show/", "#/other/x", "#/show/%"])
    assert.deepEqual(parse(hash), { page: "board" });
});

test("a missing step of the trend is a gap, not a line", () => {
  const point = (s: number, gauge: number | null): never =>
    ({ at: new Date(s * 1000).toISOString(), gauge, gauge_lo: null, gauge_hi: null }) as never;
  assert.deepEqual(columns([point(10, 1), point(20, 2), point(50, 3)]), [
    [10, 20, 30, 50],
    [1, 2, null, 3],
    [null, null, null, null],
    [null, null, null, null],
  ]);
  assert.deepEqual(columns([]), [[], [], [], []]);
});
