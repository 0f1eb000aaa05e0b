import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs, doNotRetry, hashOf, type Json } from "../client/livemeter";
import { LiveMeter } from "../src/livemeter";
import { Fake } from "./fakefeed";

const opened = (): [Fake, LiveMeter] => {
  const world = new Fake();
  const meter = new LiveMeter("ws://x/v1/feed", world);
  meter.open();
  return [world, meter];
};

const kind = (meter: LiveMeter): string => meter.link.value.kind;

const doc = (title: string): Record<string, unknown> => ({ kind: "show", title, watermark: null });

test("topics are asked for after the welcome, and their frames reach their signal", () => {
  const [world, meter] = opened();
  const [state] = meter.subscribe("show/S1", 4);
  assert.deepEqual(world.socket.sent, []);
  world.welcome();
  assert.deepEqual(world.socket.sent, [{ t: "sub", id: 1, topic: "show/S1", max_hz: 4 }]);
  world.socket.says({ t: "ack", id: 1, sub: 11, topic: "show/S1" });
  world.socket.snap(11, "a", doc("one"));
  world.socket.delta(11, "a", "b", { title: "two" }, doc("two"));
  world.socket.delta(12, "a", "b", { title: "not ours" }, doc("not ours"));
  assert.equal((state.value.doc as unknown as { title: string }).title, "two");
  assert.equal(kind(meter), "open");
});

test("after a gap the topic is asked for again, and deltas in between are not taken", () => {
  const [world, meter] = opened();
  const [state] = meter.subscribe("show/S1", 4);
  world.welcome();
  world.socket.says({ t: "ack", id: 1, sub: 11 });
  world.socket.snap(11, "a", doc("one"));
  world.socket.delta(11, "x", "y", { title: "lost" }, doc("lost"));
  assert.deepEqual(world.socket.sent.slice(1), [
    { t: "unsub", id: 2, sub: 11 },
    { t: "sub", id: 3, topic: "show/S1", max_hz: 4, resume: { cursor: "y", hash: hashOf(doc("one") as Json) } },
  ]);
  world.socket.delta(11, "a", "z", { title: "still lost" }, doc("still lost"));
  assert.equal((state.value.doc as unknown as { title: string }).title, "one");
  world.socket.says({ t: "ack", id: 2, sub: 11 });
  world.socket.says({ t: "ack", id: 3, sub: 11 });
  world.socket.snap(11, "q", doc("again"));
  assert.equal((state.value.doc as unknown as { title: string }).title, "again");
});

test("a topic let go of and taken again before its ack is asked for once", () => {
  const [world, meter] = opened();
  world.welcome();
  const [, release] = meter.subscribe("shows", 4);
  release();
  release(); // twice is once
  const [state] = meter.subscribe("shows", 4);
  world.socket.says({ t: "ack", id: 1, sub: 7 });
  world.socket.snap(7, "a", doc("board"));
  assert.deepEqual(
    world.socket.sent.map((f) => f["t"]),
    ["sub"],
  );
  assert.ok(state.value.doc);
});

test("a topic let go of before its ack is given back when the ack comes", () => {
  const [world, meter] = opened();
  world.welcome();
  const [, release] = meter.subscribe("shows", 4);
  release();
  world.socket.says({ t: "ack", id: 1, sub: 7 });
  assert.deepEqual(world.socket.sent.at(-1), { t: "unsub", id: 2, sub: 7 });
});

test("a topic let go of while the connection is lost is not asked for again", () => {
  const [world, meter] = opened();
  world.welcome();
  const [, release] = meter.subscribe("shows", 4);
  world.socket.hangsUp(1006); // its ack never came
  release();
  world.pass(500);
  world.welcome();
  assert.deepEqual(world.socket.sent, []);
});

test("a lost connection is tried again after a wait, and the document stays meanwhile", () => {
  const [world, meter] = opened();
  const [state] = meter.subscribe("show/S1", 4);
  world.welcome();
  world.socket.says({ t: "ack", id: 1, sub: 11 });
  world.socket.snap(11, "a", doc("one"));
  world.socket.hangsUp(1006);
  assert.deepEqual(meter.link.value, { kind: "waiting", untilMs: world.ms + 500, attempt: 1 });
  assert.ok(state.value.doc);
  world.pass(500);
  assert.equal(world.sockets.length, 2);
  assert.deepEqual(meter.link.value, { kind: "connecting", attempt: 1 });
  world.welcome();
  assert.deepEqual(world.socket.sent, [
    { t: "sub", id: 2, topic: "show/S1", max_hz: 4, resume: { cursor: "a", hash: hashOf(doc("one") as Json) } },
  ]);
  world.socket.says({ t: "ack", id: 2, sub: 5, resumed: "in_step" }); // nothing else comes, and nothing has to
  assert.equal((state.value.doc as unknown as { title: string }).title, "one");
  world.socket.delta(5, "elsewhere", "b", { title: "two" }, doc("two"));
  assert.equal((state.value.doc as unknown as { title: string }).title, "two");
});

test("waits grow, are capped, and start over once a connection has lasted", () => {
  assert.deepEqual(
    [1, 2, 3, 6, 50].map((n) => backoffMs(n, 1)),
    [500, 1000, 2000, 15000, 15000],
  );
  assert.deepEqual(
    [1, 50].map((n) => backoffMs(n, 0)),
    [250, 7500],
  );
  const [world, meter] = opened();
  const waited = (): number => {
    world.socket.hangsUp(1006);
    const link = meter.link.value;
    assert.equal(link.kind, "waiting");
    return link.kind === "waiting" ? link.attempt : 0;
  };
  assert.equal(waited(), 1);
  world.pass(500);
  world.welcome();
  world.pass(250);
  assert.equal(waited(), 2); // welcomed and hung up at once: no reason to hurry
  world.pass(1000);
  world.welcome();
  world.healthy(8000);
  assert.equal(waited(), 1);
});

test("silence is said after 3 heartbeats, forgiven with the next frame, and ends the connection after 8", () => {
  const [world, meter] = opened();
  world.welcome();
  world.healthy(3000);
  world.pass(3000);
  assert.equal(kind(meter), "open");
  world.pass(250);
  assert.equal(kind(meter), "silent");
  world.socket.says({ t: "hb", n: 9 });
  assert.equal(kind(meter), "open");
  world.pass(8250);
  assert.equal(kind(meter), "waiting");
});

test("a machine that slept reconnects at its first beat", () => {
  const [world, meter] = opened();
  world.welcome();
  world.sleep(3_600_000);
  assert.equal(kind(meter), "waiting");
  world.pass(500);
  assert.equal(world.sockets.length, 2);
});

test("a server that never answers is given up and tried again", () => {
  const [world, meter] = opened();
  world.pass(10_250);
  assert.equal(kind(meter), "waiting");
});

test("codes that mean the client is wrong are not retried; the rest are", () => {
  for (const code of [1002, 1003, 1007, 1008, 1009, 4500, 4999]) assert.ok(doNotRetry(code), String(code));
  for (const code of [1000, 1001, 1006, 1012, 1013, 4000, 4001, 4499]) assert.ok(!doNotRetry(code), String(code));
  const [world, meter] = opened();
  world.socket.hangsUp(4500);
  world.pass(60_000);
  assert.equal(kind(meter), "refused");
  assert.equal(world.sockets.length, 1);
  meter.retry();
  assert.equal(world.sockets.length, 2);
});

test("frames of a former connection are not heard", () => {
  const [world, meter] = opened();
  const [state] = meter.subscribe("show/S1", 4);
  world.welcome();
  world.socket.says({ t: "ack", id: 1, sub: 11 });
  const former = world.socket;
  world.pass(8250);
  world.pass(500);
  world.welcome();
  world.socket.snap(11, "a", doc("unasked"));
  assert.equal(state.value.doc, undefined); // a number of the former connection means nothing on this one
  world.socket.says({ t: "ack", id: 2, sub: 11 });
  former.snap(11, "a", doc("ghost"));
  former.hangsUp(4500);
  assert.equal(state.value.doc, undefined);
  assert.equal(kind(meter), "open");
});

test("now is the server's clock, whatever this machine believes", () => {
  const [world, meter] = opened();
  world.welcome(90_000);
  assert.equal(meter.now.value, world.ms + 90_000);
  world.pass(1000);
  assert.equal(meter.now.value, world.ms + 90_000);
  world.socket.says({ t: "hb", n: 1, server_time: new Date(world.ms + 80_000).toISOString(), state: "catching_up" });
  world.pass(250);
  assert.equal(meter.now.value, world.ms + 80_000);
  assert.equal(meter.feed.value, "catching_up");
});

test("a topic that the feed refuses is shown as absent", () => {
  const [world, meter] = opened();
  world.welcome();
  const [state] = meter.subscribe("show/", 4);
  world.socket.says({ t: "err", id: 1, code: "UNKNOWN_TOPIC", message: "" });
  assert.equal(state.value.doc, null);
  assert.equal(state.value.reason, "UNKNOWN_TOPIC");
});

test("a topic that was refused is asked for again on the next connection", () => {
  const [world, meter] = opened();
  world.welcome();
  const [state] = meter.subscribe("show/S1", 4);
  world.socket.says({ t: "err", id: 1, code: "FORBIDDEN", message: "" });
  world.pass(2000);
  world.socket.hangsUp(1001);
  world.pass(500);
  world.welcome();
  assert.deepEqual(world.socket.sent, [{ t: "sub", id: 2, topic: "show/S1", max_hz: 4 }]);
  world.socket.says({ t: "ack", id: 2, sub: 7 });
  world.socket.snap(7, "a", doc("one"));
  assert.ok(state.value.doc);
});

test("what is not JSON ends the connection, and nothing else", () => {
  const [world, meter] = opened();
  world.welcome();
  world.socket.onmessage?.({ data: "<html>" });
  assert.equal(kind(meter), "waiting");
  world.pass(500);
  world.welcome();
  world.socket.says({ t: "some_later_frame" });
  assert.equal(kind(meter), "open");
});

test("corrections are kept apart from alerts, each once", () => {
  const [world, meter] = opened();
  const [state] = meter.subscribe("campaign/C", 2);
  world.welcome();
  world.socket.says({ t: "ack", id: 1, sub: 7 });
  for (const id of ["a", "a", "b"]) world.socket.says({ t: "restate", sub: 7, cursor: "c", reason: "refund", data: { id, at: "2026-03-08T12:00:00Z" } });
  assert.deepEqual(state.value.corrections.map((c) => c.id), ["a", "b"]);
  assert.deepEqual(state.value.alerts, []);
});

test("the fields that a topic's first user names are asked for, again after each loss, and none where none are named", () => {
  const [world, meter] = opened();
  meter.subscribe("show/S1", 2, ["room.final.heat.gauge"]);
  meter.subscribe("shows", 4);
  const subs = (): unknown[] => world.socket.sent.filter((f) => f["t"] === "sub").map((f) => f["fields"]);
  world.welcome();
  assert.deepEqual(subs(), [["room.final.heat.gauge"], undefined]);
  world.socket.hangsUp(1006);
  world.pass(1000);
  world.welcome();
  assert.deepEqual(subs(), [["room.final.heat.gauge"], undefined]);
});

test("a feed that does not take who we are is not asked again until somebody says so", async () => {
  const world = new Fake();
  const said: (string | undefined)[] = [undefined, "TOKEN_EXPIRED"];
  const meter = new LiveMeter("ws://x/v1/feed", world, async () => said.shift());
  const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
  meter.open();
  world.socket.hangsUp(1006); // a cut cable: nobody answers, and it tries again
  await settled();
  assert.equal(kind(meter), "waiting");
  world.pass(2_000);
  assert.equal(world.sockets.length, 2);
  world.socket.hangsUp(1006);
  await settled();
  assert.deepEqual(meter.link.value, { kind: "refused", reason: "TOKEN_EXPIRED" });
  world.pass(120_000);
  assert.equal(world.sockets.length, 2);
  meter.retry();
  assert.equal(world.sockets.length, 3);
  assert.equal(kind(meter), "connecting");
  world.welcome();
  assert.equal(kind(meter), "open");
  world.socket.hangsUp(1006); // a connection that there was has said nothing against us
  await settled();
  assert.equal(kind(meter), "waiting");
});
