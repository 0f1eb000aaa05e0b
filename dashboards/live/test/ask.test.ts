// Watches, questions, rehearsals and series of the client that partners copy.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveMeter, Unanswered, type Answer } from "../client/livemeter";
import { Fake } from "./fakefeed";

const opened = (): [Fake, LiveMeter] => {
  const world = new Fake();
  const meter = new LiveMeter("ws://x/v1/feed", { world, token: () => "T" });
  meter.open();
  return [world, meter];
};

/** The client's latest frame of a kind. */
const last = (world: Fake, t: string): Record<string, unknown> => world.socket.sent.filter((f) => f["t"] === t).at(-1) ?? {};

/** The connection is lost, and another one welcomed. */
const again = (world: Fake, state = "live"): void => {
  world.socket.hangsUp(1006);
  world.pass(1000);
  world.welcome(0, state);
};

test("a watch outlives its connection, and what did not change meanwhile is not told again", () => {
  const [world, meter] = opened();
  const told: Answer[] = [];
  const stop = meter.watch("esol/e", "money.orders_total > 3", { answer: (a) => told.push(a) });
  world.welcome(0, "catching_up");
  assert.deepEqual(last(world, "watch"), {}, "a feed that is still reading was asked");
  world.socket.says({ t: "hb", n: 1, state: "live" });
  const says = (holds: boolean | null, was: boolean | null, changes: number): void =>
    world.socket.says({ t: "watch", watch: 1, topic: "esol/e", when: "", cursor: "e:1", holds, was, changes, values: {} });
  const acks = (): void => world.socket.says({ t: "ack", id: last(world, "watch")["id"], watch: 1, topic: "esol/e" });
  acks();
  says(true, null, 0);
  again(world);
  acks();
  says(true, null, 0);
  assert.deepEqual(told.map((a) => [a.holds, a.was, a.changes]), [[true, null, 0]]);
  again(world);
  acks();
  says(false, null, 0);
  assert.deepEqual(told.at(-1), { holds: false, was: true, changes: 1, values: {} });
  stop();
  assert.equal(last(world, "unwatch")["watch"], 1);
  says(true, false, 1);
  assert.equal(told.length, 2);
});

test("a watch that is refused is told, and not asked for again", () => {
  const [world, meter] = opened();
  let why = "";
  meter.watch("esol/e", "money >", { answer: () => assert.fail(), refused: (code) => (why = code) });
  world.welcome();
  world.socket.says({ t: "err", id: last(world, "watch")["id"], code: "BAD_CONDITION", message: "" });
  assert.equal(why, "BAD_CONDITION");
  again(world);
  assert.deepEqual(last(world, "watch"), {});
});

test("a question is asked again after a cut, and answered, refused or late", async () => {
  const [world, meter] = opened();
  world.welcome();
  const first = meter.explain("show/S1", "title");
  again(world);
  world.socket.says({ t: "explanation", id: last(world, "explain")["id"], topic: "show/S1", path: "title", value: "x" });
  assert.deepEqual(await first, { topic: "show/S1", path: "title", value: "x" });
  const second = meter.explain("show/S1", "nothing");
  world.socket.says({ t: "err", id: last(world, "explain")["id"], code: "UNKNOWN_FIELD", message: "" });
  await assert.rejects(second, (e: Unanswered) => e.code === "UNKNOWN_FIELD");
  const third = meter.explain("show/S1", "title", { timeoutMs: 2000 });
  world.healthy(3000);
  await assert.rejects(third, (e: Unanswered) => e.code === "TIMEOUT");
  const fourth = meter.explain("show/S1", "title");
  meter.close();
  await assert.rejects(fourth, (e: Unanswered) => e.code === "CLOSED");
});

test("a rehearsal goes on from where it was, and ends", () => {
  const [world, meter] = opened();
  let ended = 0;
  meter.subscribe({ topic: "show/S1", from: "2026-05-01T20:00:00Z", speed: 10 }, { ended: () => ended++ });
  world.welcome();
  const { id: _, ...asked } = last(world, "sub");
  assert.deepEqual(asked, { t: "sub", topic: "show/S1", from: "2026-05-01T20:00:00Z", speed: 10 });
  world.socket.says({ t: "ack", id: last(world, "sub")["id"], sub: 5 });
  world.socket.says({ t: "snap", sub: 5, topic: "show/S1", cursor: "e:1", data: null, reason: "gone", as_of: "2026-05-01T20:05:00Z" });
  world.healthy(2000);
  again(world);
  assert.equal(last(world, "sub")["from"], "2026-05-01T20:05:00Z");
  assert.equal(last(world, "sub")["resume"], undefined);
  world.socket.says({ t: "ack", id: last(world, "sub")["id"], sub: 6 });
  world.socket.says({ t: "notice", sub: 6, code: "end", message: "" });
  assert.equal(ended, 1);
  again(world);
  assert.deepEqual(last(world, "sub"), {});
});

test("series are asked for where the feed is", async () => {
  const world = new Fake();
  const asked: [string, RequestInit][] = [];
  const fetched = (status: number, body: unknown) => async (url: string, init: RequestInit) => {
    asked.push([url, init]);
    return new Response(JSON.stringify(body), { status });
  };
  const meter = new LiveMeter("wss://x/v1/feed?sig=1", { world: Object.assign(world, { fetch: fetched(200, { rows: [[1]] }) }), token: () => "T" });
  assert.deepEqual(await meter.series({ scope: "show/S1", names: ["gauge", "a"], step: "1m" }), { rows: [[1]] });
  assert.deepEqual(asked, [["https://x/v1/series?scope=show%2FS1&step=1m&name=gauge&name=a", { headers: { Authorization: "Bearer T" } }]]);
  Object.assign(world, { fetch: fetched(404, { error: { code: "NOT_FOUND", message: "" } }) });
  await assert.rejects(meter.series({ scope: "show/S2", names: ["gauge"] }), (e: Unanswered) => e.code === "NOT_FOUND");
});
