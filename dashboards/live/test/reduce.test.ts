import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alert, BoardDoc, Doc, Row, ShowDoc } from "../src/contract";
import { columns } from "../src/points";
import { alertsKept, emptyTopic, watermarkOf, withAlerts, withDocument } from "../src/reduce";
import { href, parse } from "../src/route";

const show = (more: Record<string, unknown>): Doc =>
  ({ kind: "show", id: "S1", watermark: "2026-03-08T12:00:00.000Z", ...more }) as unknown as ShowDoc;

test("it is remembered when the watermark last moved", () => {
  const first = withDocument(emptyTopic, show({}), "", 1000);
  assert.equal(first.movedMs, 1000);
  const same = withDocument(first, show({ room: 1 }), "", 2000);
  assert.equal(same.movedMs, 1000);
  assert.equal(withDocument(same, show({ watermark: "2026-03-08T12:00:01.000Z" }), "", 3000).movedMs, 3000);
  const gone = withDocument(same, null, "gone", 4000);
  assert.deepEqual([gone.doc, gone.reason, gone.movedMs], [null, "gone", 4000]);
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
