// The client that partners copy, against a feed that forgets nothing and a network that does.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { hashOf, LiveMeter, type Handlers, type Json, type Options } from "../client/livemeter";
import { Fake } from "./fakefeed";
import { seeded } from "./seeded";

type Doc = Record<string, number>;

const opened = (options: Options = {}): [Fake, LiveMeter] => {
  const world = new Fake();
  const meter = new LiveMeter("ws://x/v1/feed", { ...options, world });
  meter.open();
  return [world, meter];
};

/** What a user was told. */
class Told implements Handlers {
  doc: unknown;
  log: string[] = [];
  document = (doc: unknown): void => void (this.doc = doc);
  event = (e: { data: { id: string } }): void => void this.log.push(e.data.id);
  restate = (r: { reason: string; data: { id: string } }): void => void this.log.push(`${r.reason} ${r.data.id}`);
  gap = (why: string): void => void this.log.push(why);
  refused = (code: string): void => void this.log.push(code);
}

/** A feed of one document, as resume.go says: it answers what the client has said, by a road that may be cut. */
class Feed {
  states: Doc[] = [{ a: 0 }];
  events: string[] = []; // event i lies at place i
  private read = 0; // frames of the client on this connection
  private sub = 0; // 0: not subscribed
  private sent = -1; // the state that the client was sent, -1: none
  private from = ""; // the cursor that it was sent under; another process would say another one
  private road: (() => void)[] = []; // frames on their way

  constructor(
    private readonly world: Fake,
    private readonly random: () => number,
  ) {}

  private place = (): string => `e:${this.events.length}`;
  private get state(): Doc {
    return this.states.at(-1)!;
  }

  change(): void {
    const name = "abc"[Math.floor(this.random() * 3)]!;
    this.states.push({ ...this.state, [name]: this.states.length });
    if (this.sub && this.random() < 0.6) this.send(); // else merged into the next one
  }

  moment(): void {
    this.events.push(`m${this.events.length}`);
    if (this.sub) this.tell(this.events.length - 1, this.place());
  }

  private tell(i: number, cursor: string): void {
    const [sub, id] = [this.sub, this.events[i]!];
    const frame = i % 3 === 0 ? { t: "restate", reason: "refund" } : { t: "event", kind: "ignition" };
    this.road.push(() => this.world.socket.says({ ...frame, sub, cursor, data: { id } }));
  }

  /** What was held back goes out. */
  send(): void {
    if (!this.sub || this.sent === this.states.length - 1) return;
    const [sub, to, from, start, doc] = [this.sub, `${this.place()}:${this.states.length}`, this.sent, this.from, this.state];
    this.from = to;
    if (from < 0) this.road.push(() => this.world.socket.snap(sub, to, doc));
    else {
      const set = Object.fromEntries(Object.entries(doc).filter(([name, v]) => this.states[from]![name] !== v));
      this.road.push(() => this.world.socket.says({ t: "delta", sub, from: start, to, set, hash: hashOf(doc as Json) }));
    }
    this.sent = this.states.length - 1;
  }

  /** Obeys, and delivers up to n frames; one of them may be spoilt. */
  run(n: number, spoil: boolean): void {
    for (; this.read < this.world.socket.sent.length; this.read++) this.obey(this.world.socket.sent[this.read]!);
    for (const deliver of this.road.splice(0, n)) {
      if (spoil) this.world.socket.spoil();
      spoil = false;
      deliver();
    }
  }

  private obey(f: Record<string, unknown>): void {
    if (f["t"] === "unsub") this.sub = 0;
    if (f["t"] !== "sub") return;
    this.sub = 100 + this.states.length;
    const resume = f["resume"] as { cursor: string; hash?: string } | undefined;
    this.from = "elsewhere";
    this.sent = resume ? this.states.findLastIndex((s) => hashOf(s as Json) === resume.hash) : -1;
    const how = this.sent < 0 ? "snapshot" : this.sent === this.states.length - 1 ? "in_step" : "delta";
    const [sub, id] = [this.sub, f["id"]];
    this.road.push(() => this.world.socket.says({ t: "ack", id, sub, ...(resume ? { resumed: how } : {}) }));
    if (resume) for (let i = Number(resume.cursor.split(":")[1]); i < this.events.length; i++) this.tell(i, resume.cursor);
    this.send();
  }

  heartbeat(): void {
    const cursor = this.place();
    this.road.push(() => this.world.socket.says({ t: "hb", n: 1, state: "live", cursor }));
  }

  lost(): void {
    [this.read, this.sub, this.sent, this.road] = [0, 0, -1, []];
  }
}

test("cut, spoilt and merged however, the last document is the feed's, and each event came once and in order", () => {
  for (let seed = 0; seed < 400; seed++) {
    const random = seeded(seed);
    const [world, meter] = opened();
    const feed = new Feed(world, random);
    const told = new Told();
    told.document = (doc) => {
      told.doc = doc;
      assert.notEqual((doc as Doc)["a"], -1, `seed ${seed}: a spoilt document came through`);
    };
    let connections = 1;
    const follow = (n: number, spoil = false): void => {
      if (world.sockets.length !== connections) {
        connections = world.sockets.length;
        feed.lost();
        world.welcome();
      }
      if (world.socket.readyState === 1) feed.run(n, spoil);
    };
    world.welcome();
    meter.subscribe({ topic: "show/S1" }, told);
    feed.heartbeat();
    follow(9);
    for (let i = 0; i < 60; i++) {
      const roll = random();
      if (roll < 0.35) feed.change();
      else if (roll < 0.6) feed.moment();
      else if (roll < 0.7) world.pass(1000);
      else if (roll < 0.76) {
        world.socket.hangsUp(1006);
        feed.lost();
      } else if (roll < 0.82) feed.heartbeat();
      follow(Math.floor(random() * 4), random() < 0.03);
    }
    for (let i = 0; i < 60; i++) {
      world.pass(1000);
      feed.heartbeat();
      feed.send();
      follow(99);
    }
    assert.deepEqual(told.doc, feed.states.at(-1), `seed ${seed}`);
    assert.deepEqual(told.log, feed.events.map((id, n) => (n % 3 === 0 ? `refund ${id}` : id)), `seed ${seed}`);
  }
});

test("a place in logs that are still being read is nobody's, and what was missed is asked for once they are", () => {
  const [world, meter] = opened();
  const told = new Told();
  meter.subscribe({ topic: "show/S1", fields: [] }, told);
  const back = (state: string): void => {
    world.socket.hangsUp(1001);
    world.pass(2000);
    world.welcome(0, state);
  };
  world.welcome(0, "catching_up");
  assert.deepEqual(world.socket.sent, [{ t: "sub", id: 1, topic: "show/S1", fields: [] }]);
  world.socket.says({ t: "ack", id: 1, sub: 7 });
  world.socket.says({ t: "hb", n: 1, state: "catching_up", cursor: "e:1" });
  back("live");
  assert.deepEqual(world.socket.sent, [{ t: "sub", id: 2, topic: "show/S1", fields: [] }]);
  world.socket.says({ t: "ack", id: 2, sub: 7 });
  world.socket.says({ t: "hb", n: 1, state: "live", cursor: "e:2" });
  back("catching_up");
  assert.deepEqual(world.socket.sent, []);
  world.socket.says({ t: "hb", n: 1, state: "live", cursor: "e:3" });
  const resume = { cursor: "e:2" };
  assert.deepEqual(world.socket.sent, [{ t: "sub", id: 3, topic: "show/S1", fields: [], resume }]);
  world.socket.says({ t: "err", id: 3, code: "CATCHING_UP", message: "" });
  world.socket.says({ t: "hb", n: 2, state: "live", cursor: "e:4" });
  assert.deepEqual(world.socket.sent.at(-1), { t: "sub", id: 4, topic: "show/S1", fields: [], resume });
  world.socket.says({ t: "ack", id: 4, sub: 8, resumed: "too_old" });
  assert.deepEqual(told.log, ["too_old"]);
});

test("an event says that the feed is live; another process may say a state's place otherwise, and then says the next ones itself", () => {
  const [world, meter] = opened();
  const told = new Told();
  meter.subscribe({ topic: "show/S1" }, told);
  world.welcome(0, "catching_up");
  world.socket.says({ t: "ack", id: 1, sub: 7 });
  world.socket.snap(7, "e:1", { a: 1 });
  world.socket.says({ t: "restate", sub: 7, cursor: "e:2", reason: "refund", data: { id: "r" } });
  world.socket.hangsUp(1001);
  world.pass(500);
  world.welcome();
  const resume = { cursor: "e:2", hash: hashOf({ a: 1 }) };
  assert.deepEqual(world.socket.sent, [{ t: "sub", id: 2, topic: "show/S1", resume }]);
  world.socket.says({ t: "ack", id: 2, sub: 7, resumed: "delta" });
  world.socket.delta(7, "x:1", "x:2", { a: 2 }, { a: 2 });
  world.socket.delta(7, "x:1", "x:3", { a: 3 }, { a: 3 });
  assert.deepEqual(told.doc, { a: 2 });
  assert.deepEqual(world.socket.sent.at(-1), { t: "sub", id: 4, topic: "show/S1", resume: { cursor: "x:3", hash: hashOf({ a: 2 }) } });
});

test("a token goes as a subprotocol, is asked for each time, and never into an address", () => {
  let n = 0;
  const [world] = opened({ token: () => (n++ ? `t${n}` : undefined), name: "acme/1" });
  world.welcome();
  assert.deepEqual(world.socket.sent, [{ t: "hello", v: 1, client: "acme/1" }]);
  world.socket.hangsUp(4003);
  world.pass(500);
  assert.deepEqual(world.opened, [
    ["ws://x/v1/feed", ["livemeter.v1.json"]],
    ["ws://x/v1/feed", ["livemeter.v1.json", "bearer.t2"]],
  ]);
});

test("what the feed takes away or refuses is told once; what it has no room for is asked for later and later", () => {
  const [world, meter] = opened();
  const [one, two, three] = [new Told(), new Told(), new Told()];
  world.welcome();
  meter.subscribe({ topic: "show/S1" }, one);
  meter.subscribe({ topic: "show/S2" }, two);
  meter.subscribe({ topic: "show/S3" }, three);
  assert.throws(() => meter.subscribe({ topic: "show/S3" }, three));
  world.socket.says({ t: "ack", id: 1, sub: 7 });
  world.socket.says({ t: "err", sub: 7, code: "REVOKED", message: "" });
  world.socket.says({ t: "err", id: 2, code: "FORBIDDEN", message: "" });
  assert.deepEqual([one.log, two.log], [["REVOKED"], ["FORBIDDEN"]]);
  const asked: number[] = [];
  const began = world.ms;
  for (let i = 0; i < 120; i++) {
    for (const f of world.socket.sent.splice(0)) {
      if (f["topic"] !== "show/S3") continue;
      asked.push((world.ms - began) / 1000);
      world.socket.says({ t: "err", id: f["id"], code: "OVERLOADED", message: "" });
    }
    world.healthy(1000);
  }
  assert.deepEqual(asked, [0, 1, 2, 4, 8, 16, 32, 62, 92].slice(0, asked.length));
  assert.ok(asked.length >= 8 && asked.length <= 9, String(asked));
  assert.deepEqual(three.log, []);
});

test("let go of and taken again before its ack, a topic comes at the new pace", () => {
  const [world, meter] = opened();
  world.welcome();
  const stop = meter.subscribe({ topic: "shows", maxHz: 4 }, new Told());
  stop();
  const told = new Told();
  meter.subscribe({ topic: "shows", maxHz: 1 }, told);
  stop(); // of the first, which is over
  world.socket.says({ t: "ack", id: 1, sub: 7 });
  assert.deepEqual(world.socket.sent.slice(1), [{ t: "tune", id: 2, sub: 7, max_hz: 1 }]);
  world.socket.snap(7, "e:1", { a: 1 });
  assert.deepEqual(told.doc, { a: 1 });
});

test("many topics are asked for at the pace that the feed takes", () => {
  const [world, meter] = opened();
  for (let i = 0; i < 250; i++) meter.subscribe({ topic: `show/S${i}` }, {});
  world.welcome();
  assert.equal(world.socket.sent.length, 200);
  world.healthy(1000);
  assert.equal(world.socket.sent.length, 204);
  world.healthy(13_000);
  assert.equal(world.socket.sent.length, 250);
});

test("only the latest ids of events are remembered", () => {
  const [world, meter] = opened();
  const told = new Told();
  world.welcome();
  meter.subscribe({ topic: "show/S1" }, told);
  world.socket.says({ t: "ack", id: 1, sub: 7 });
  const says = (i: number): void => world.socket.says({ t: "event", sub: 7, cursor: "e:1", kind: "x", data: { id: `m${i}` } });
  for (let i = 0; i < 1025; i++) says(i);
  for (const i of [1, 1024, 0]) says(i);
  assert.equal(told.log.length, 1026);
  assert.equal(told.log.at(-1), "m0");
});

test("it is one file without dependencies, for partners to copy", () => {
  assert.doesNotMatch(readFileSync("client/livemeter.ts", "utf8"), /^\s*(import|export .* from)\b/m);
});

test("a topic in a basis is another subscription, and asked for in it again; one with a model once the feed is live", () => {
  const [world, meter] = opened();
  const [all, yen, linear] = [new Told(), new Told(), new Told()];
  world.welcome(0, "catching_up");
  meter.subscribe({ topic: "show/S1" }, all);
  meter.subscribe({ topic: "show/S1", basis: { currency: "JPY" } }, yen);
  meter.subscribe({ topic: "campaign/c", basis: { model: "linear" } }, linear);
  assert.throws(() => meter.subscribe({ topic: "show/S1", basis: { currency: "JPY" } }, yen));
  assert.deepEqual(world.socket.sent, [
    { t: "sub", id: 1, topic: "show/S1" },
    { t: "sub", id: 2, topic: "show/S1", basis: { currency: "JPY" } },
  ]);
  world.socket.says({ t: "ack", id: 1, sub: 7 });
  world.socket.says({ t: "err", id: 2, code: "TOO_MANY_BASES", message: "" });
  world.socket.says({ t: "hb", n: 1, state: "live", cursor: "e:1" });
  assert.deepEqual(world.socket.sent.slice(2).sort((a, b) => Number(a["id"]) - Number(b["id"])), [
    { t: "sub", id: 3, topic: "show/S1", basis: { currency: "JPY" } },
    { t: "sub", id: 4, topic: "campaign/c", basis: { model: "linear" } },
  ]);
  world.socket.says({ t: "ack", id: 4, sub: 9 });
  world.socket.says({ t: "err", sub: 9, code: "BASIS_CHANGED", message: "" });
  assert.deepEqual([yen.log, linear.log], [[], ["BASIS_CHANGED"]]);
});
