// The client that partners copy (client/livemeter.ts), in Node, against a real Netsu:
//
//	node smoke/client.mjs NETSU      NETSU: the binary, which plays its demo here on ports of its own, with keys
//
// Told by what came over the wire and by a plain connection beside it, which nothing happens to:
//
//   - each document that the client gives has the hash that the feed said of it, also after a delta that was spoilt on its way
//   - a connection that is cut is followed by a resume, and every event that came meanwhile comes once, none is said to be missed
//   - a scope that the token does not have is refused, and said so
//   - a token that ends is followed by the next one, and the documents go on
//   - a watch, an explanation and a series are answered
//
// Nothing waits for a time: each step waits for what must come. Exit 1 with one line for what did not.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { WebSocket } from "ws"; // Node has one of its own from 22 on, but it cannot be cut

const netsu = process.argv[2];
if (!netsu) {
  console.error("usage: node smoke/client.mjs NETSU");
  process.exit(2);
}
const limitMs = 300_000; // no claim, only an end: events come in a burst at the demo's start, and then one or two a minute
const folder = mkdtempSync(join(tmpdir(), "netsu-client-"));
const keys = join(folder, "keys.json");

/** Resolves when ok() is; what it waited for is the failure. */
const until = async (what, ok) => {
  for (const end = Date.now() + limitMs; !ok(); await wait(20)) if (Date.now() > end) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
};
const must = (ok, what) => {
  if (!ok) throw new Error(what);
};
const token = (scope, ttl = "10m") =>
  execFileSync(netsu, ["token", "sign", "--access-keys-file", keys, "--subject", "smoke", "--scope", scope, "--field", "*", "--ttl", ttl], { encoding: "utf8" }).trim();

// The hash of a document, as RFC 8785 and CRC-32C have it, written otherwise than the client does.
const text = (v) => {
  if (Array.isArray(v)) return "[" + v.map(text).join() + "]";
  if (v === null || typeof v !== "object") return JSON.stringify(v);
  return "{" + Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, of]) => `${JSON.stringify(k)}:${text(of)}`).join() + "}";
};
const crc32c = (doc) => {
  let rest = ~0;
  for (const byte of Buffer.from(text(doc))) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0x82f63b78 : 0);
  }
  return "crc32c:" + (~rest >>> 0).toString(16).padStart(8, "0");
};

/** The road between a client and the feed: what came over it, and how it is cut, held up and spoilt. */
class Road {
  sockets = [];
  frames = []; // as the feed sent them
  hashes = new Map(); // of documents, by topic and cursor
  topics = new Map(); // by the number of a sub, on the connection of now
  asked = []; // the frames of the client
  up = true;
  spoil = false; // the next delta

  world = {
    now: Date.now,
    random: () => 0, // the shortest waits
    every: (ms, f) => {
      const id = setInterval(f, ms);
      return () => clearInterval(id);
    },
    connect: (url, protocols) => {
      if (!this.up) throw new Error("the road is cut");
      const socket = new WebSocket(url, protocols);
      socket.onerror = () => {}; // onclose follows
      const road = this;
      const seen = {
        get readyState() { return socket.readyState; },
        send(said) {
          road.asked.push(JSON.parse(said));
          socket.send(said);
        },
        close: () => socket.close(),
      };
      socket.onmessage = ({ data }) => seen.onmessage?.({ data: this.pass(String(data)) });
      socket.onclose = (e) => seen.onclose?.({ code: e.code, reason: e.reason });
      this.sockets.push(socket);
      return seen;
    },
  };

  pass(said) {
    const frame = JSON.parse(said);
    this.frames.push(frame);
    if (frame.t === "ack" && frame.sub) this.topics.set(frame.sub, this.asked.find((f) => f.id === frame.id).topic);
    if (frame.hash) this.hashes.set(`${this.topics.get(frame.sub)} ${frame.cursor ?? frame.to}`, frame.hash);
    if (!this.spoil || frame.t !== "delta") return said;
    this.spoil = false;
    return JSON.stringify({ ...frame, set: { ...frame.set, spoilt: true } });
  }

  cut() {
    this.up = false;
    this.sockets.at(-1).terminate();
  }
}

/** What a client tells of a topic, with every document held to the hash that the feed said. */
class Told {
  documents = 0;
  last = null;
  events = [];
  gaps = [];
  refusals = [];
  wrong = "";
  constructor(road, topic) {
    this.document = (doc, { cursor }) => {
      const said = road.hashes.get(`${topic} ${cursor}`);
      if (doc && crc32c(doc) !== said) this.wrong = `${topic} at ${cursor} was given as ${crc32c(doc)}, the feed had said ${said}`;
      this.documents++;
      this.last = doc;
    };
  }
  event = (e) => this.events.push(e.data.id);
  gap = (why) => this.gaps.push(why);
  refused = (code) => this.refusals.push(code);
  async more(what) {
    const held = this.documents;
    await until(`a document ${what}`, () => this.documents > held || this.wrong);
    must(!this.wrong, this.wrong);
  }
}

/** A connection that subscribes to the board's events, and nothing else. */
const beside = async (url, bearer) => {
  const socket = new WebSocket(url, ["livemeter.v1.json", `bearer.${bearer}`]);
  const plain = { socket, events: [] };
  let listening = false;
  socket.onopen = () => socket.send('{"t":"sub","id":1,"topic":"shows","fields":[]}');
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(String(data));
    listening ||= frame.t === "ack";
    if (frame.t === "event") plain.events.push(frame.data.id);
  };
  await until("the ack of the plain connection", () => listening);
  return plain;
};

/** A series, once it has rows: they follow the documents. */
const rows = async (ask) => {
  for (const end = Date.now() + limitMs; ; await wait(100)) {
    const past = await ask().catch((e) => {
      if (e.code !== "NOT_FOUND") throw e;
    });
    if (past?.rows.length > 0) return past;
    must(Date.now() < end, "no rows of the past");
  }
};

/** Cut, spoilt, and asked for more than documents. */
async function followed(url) {
  const all = token("*");
  const road = new Road();
  const logged = [];
  const meter = new LiveMeter(url, { token: () => all, log: (m) => logged.push(m), name: "smoke/1", world: road.world });
  const board = new Told(road, "shows");
  meter.open();
  meter.subscribe({ topic: "shows", maxHz: 10 }, board);
  await board.more("at the start");
  const plain = await beside(url, all); // whatever comes to it is the client's too
  const lacking = () => plain.events.filter((id) => !board.events.includes(id));
  await until("an event", () => board.events.length > 0);

  road.cut();
  const held = board.events.length, connections = road.sockets.length, from = road.frames.length;
  await until("an event while the road is cut", () => lacking().length > 0);
  const meanwhile = lacking();
  must(board.events.length === held, "an event came over a road that is cut");
  road.up = true;
  await until(`the ${meanwhile.length} events that came while the road was cut`, () => meanwhile.every((id) => board.events.includes(id)));
  await board.more("after the cut");
  must(road.sockets.length > connections, "no other connection");
  must(new Set(board.events).size === board.events.length, "an event was told twice");
  must(board.gaps.length === 0, `nothing was missed, but the client says ${board.gaps}`);
  const ack = road.frames.slice(from).find((f) => f.t === "ack" && f.sub);
  must(["in_step", "delta", "snapshot"].includes(ack?.resumed), `the ack after the cut says resumed: ${ack?.resumed}`);
  // A document may stand before events that came ahead of it: those come again then, and are told once.
  const last = road.frames.slice(0, from).findLast((f) => f.cursor ?? f.to);
  const { resume } = road.asked.findLast((f) => f.t === "sub");
  must(resume?.cursor === (last.cursor ?? last.to), `the client resumed at ${resume?.cursor}, and was at ${last.cursor ?? last.to}`);

  road.spoil = true;
  await until("a delta to spoil", () => !road.spoil);
  await until("the client to tell that a delta was spoilt", () => logged.length > 0 || board.last?.spoilt);
  await board.more("after the delta that was spoilt");
  must(!board.last.spoilt, "a document was given that a delta had spoilt");

  const show = `show/${board.last.shows[0].id}`;
  const answers = [];
  const quiet = meter.watch(show, "room.final.heat.gauge >= 0", { answer: (a) => answers.push(a), refused: (code) => must(false, `the watch was refused: ${code}`) });
  await until("the watch's answer", () => answers.length > 0);
  quiet();
  const why = await meter.explain(show, "room.final.heat.gauge");
  must(why.topic === show && why.records.length > 0, "an explanation without its records");
  const past = await rows(() => meter.series({ scope: show, names: ["heat.gauge"], step: "10s" }));
  const column = past.columns.findIndex((c) => c.name === "heat.gauge");
  must(past.rows.every((row) => row[column] === null || row[column] <= 100), `rows that are not of the series: ${JSON.stringify(past.columns)}`);
  must(!board.wrong, board.wrong);
  meter.close();
  plain.socket.close();
  return { show, told: `${board.documents} documents and ${board.events.length} events, of which ${meanwhile.length} after a cut` };
}

/** A token for one show, and the one that follows it. */
async function guarded(url, show) {
  const road = new Road();
  const tokens = [token(show, "3s"), token(show)];
  const given = [];
  const meter = new LiveMeter(url, {
    world: road.world,
    token: () => {
      given.push(tokens.length > 1 ? tokens.shift() : tokens[0]);
      return given.at(-1);
    },
  });
  const mine = new Told(road, show), others = new Told(road, "shows");
  meter.open();
  meter.subscribe({ topic: show, fields: ["as_of", "room.final.heat"], maxHz: 10 }, mine);
  meter.subscribe({ topic: "shows" }, others);
  await mine.more("of the show that the token is for");
  await until("the refusal of a topic that it is not for", () => others.refusals.length > 0);
  must(others.documents === 0 && mine.refusals.length === 0, "what is refused is not the topic that the token is not for");
  await until("another connection once the token has ended", () => new Set(given).size === 2 && meter.link.kind === "open");
  await mine.more("under the next token");
  must(mine.gaps.length === 0, `nothing was missed, but the client says ${mine.gaps}`);
  meter.close();
  return `refused ${others.refusals}`;
}

// Compiled as whoever copies it would.
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
execFileSync(join(root, "node_modules/.bin/tsc"), [
  join(root, "client/livemeter.ts"), "--ignoreConfig", "--strict", "--target", "es2022", "--module", "esnext", "--lib", "es2023,dom",
  "--types", "", "--outDir", folder,
], { cwd: folder, stdio: "inherit" });
renameSync(join(folder, "livemeter.js"), join(folder, "livemeter.mjs"));
const { LiveMeter } = await import(pathToFileURL(join(folder, "livemeter.mjs")));

execFileSync(netsu, ["token", "new-key", "--out", keys]);
const server = spawn(netsu, ["demo", "--listen", "127.0.0.1:0", "--broker-port", "0", "--data-dir", join(folder, "demo"), "--access-keys-file", keys], {
  stdio: ["ignore", "pipe", "inherit"],
});
let ended = false;
server.once("exit", () => (ended = true));
let failure;
try {
  let base = "";
  createInterface(server.stdout).on("line", (line) => (base ||= /http:\/\/\S+:\d+/.exec(line)?.[0] ?? ""));
  await until("the demo's address", () => base || ended);
  must(!ended, "the server ended");
  const url = `${base.replace("http", "ws")}/v1/feed`;
  const { show, told } = await followed(url);
  console.log(`ok: ${told}; ${await guarded(url, show)}`);
} catch (e) {
  failure = e;
} finally {
  server.kill();
  await until("the server's end", () => ended);
  rmSync(folder, { recursive: true });
}
if (failure) {
  console.error(`  ${failure.message}`);
  process.exit(1);
}
