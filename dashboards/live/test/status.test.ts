import assert from "node:assert/strict";
import { test } from "node:test";
import { catchingAfterMs, staleAfterMs, status, type Observed, type StatusKind } from "../src/status";

const now = 1_800_000_000_000;

const observed = (more: Partial<Observed>): Observed => ({
  link: { kind: "open" },
  feed: "live",
  nowMs: now,
  doc: "on_air",
  watermarkMs: now - 5400,
  movedMs: now - 200,
  lastEventMs: now - 400,
  ...more,
});

const cases: [string, Partial<Observed>, StatusKind][] = [
  ["a healthy show", {}, "live"],
  [
    "the first connection",
    { link: { kind: "connecting", attempt: 0 }, doc: "none", watermarkMs: null },
    "connecting",
  ],
  ["welcomed, and no document yet", { doc: "none", watermarkMs: null }, "connecting"],
  ["a later attempt", { link: { kind: "connecting", attempt: 2 } }, "reconnecting"],
  ["between attempts", { link: { kind: "waiting", untilMs: now + 3200, attempt: 2 } }, "reconnecting"],
  ["turned away", { link: { kind: "refused", reason: "" } }, "refused"],
  ["no heartbeat", { link: { kind: "silent", sinceMs: now - 4000 } }, "stale"],
  ["a feed that is still reading", { feed: "catching_up" }, "catching"],
  ["no such show", { doc: "absent", watermarkMs: null }, "absent"],
  ["ended, long ago", { doc: "ended", watermarkMs: now - 9e8, movedMs: now - 9e8 }, "ended"],
  ["minutes behind, and moving", { watermarkMs: now - 240_000 }, "catching"],
  ["minutes behind, and standing", { watermarkMs: now - 240_000, movedMs: now - 30_000 }, "stale"],
  ["a quiet room that rightly stands for 10 s", { watermarkMs: now - 15_400, movedMs: now - 10_300 }, "live"],
  ["an idle room whose ticks move it", { doc: "idle", lastEventMs: now - 60_000 }, "idle"],
  ["an idle room that has stopped", { doc: "idle", movedMs: now - staleAfterMs - 1 }, "stale"],
  ["money without a room", { doc: "unknown", watermarkMs: null, movedMs: 0 }, "live"],
];

for (const [name, more, want] of cases) {
  test(`${name} is ${want}`, () => assert.equal(status(observed(more)).kind, want));
}

test("freshness is now − watermark, never negative, null where there is none", () => {
  assert.equal(status(observed({})).freshnessMs, 5400);
  assert.equal(status(observed({ watermarkMs: now + 50 })).freshnessMs, 0);
  assert.equal(status(observed({ watermarkMs: null })).freshnessMs, null);
});

test("the countdown ends at zero", () => {
  const left = (untilMs: number): number =>
    status(observed({ link: { kind: "waiting", untilMs, attempt: 1 } })).inSeconds;
  assert.deepEqual([now + 3200, now + 1, now, now - 5].map(left), [4, 1, 0, 0]);
});

test("stale and idle say since when", () => {
  assert.equal(status(observed({ link: { kind: "silent", sinceMs: now - 4000 } })).sinceMs, 4000);
  assert.equal(status(observed({ doc: "idle", lastEventMs: now - 60_000 })).sinceMs, 60_000);
});

test("a live room's own delay is within both limits", () => {
  const byNature = 5_000 + 10_000 + 1_000; // watermark behind the newest event, then idle, then a tick and the way here
  assert.ok(catchingAfterMs > byNature && staleAfterMs > byNature - 5_000);
});
