// livemeter.ts: a client of Netsu's feed (protocol livemeter.v1), in one file without dependencies: copy it into your project.
// Browsers, workers, and Node from 22 on. Strict TypeScript; documents are unknown until you say what they are.
//
//   const meter = new LiveMeter("wss://netsu.example/v1/feed", { token: () => myToken });
//   meter.open();
//   const stop = meter.subscribe<{ money: { orders_total: number } | null }>(
//     { topic: "show/S42", fields: ["money.orders_total"], maxHz: 1 },
//     {
//       document: (doc, about) => doc && show(doc.money, about.asOf), // whole and proven; null: there is none, about.reason says why
//       event: (e) => console.log(e.kind, e.data), // a moment or a diagnosis, each once and in order
//       restate: (r) => console.log("corrected:", r.reason, r.data), // of money that was said before, likewise
//       gap: (why) => console.log("events may have been missed:", why), // too_old, foreign: GET /v1/alerts may have them
//       refused: (code, message) => console.error(code, message), // the feed does not give it; subscribe again if that may change
//     },
//   );
//   const quiet = meter.watch("show/S42", "room.final.heat.gauge >= 60", { answer: (a) => a.holds && ring(a.values) });
//   const why = await meter.explain("show/S42", "room.final.heat.gauge"); // what is behind a number
//   const past = await meter.series({ scope: "show/S42", names: ["heat.gauge"], step: "1m" });
//   meter.subscribe({ topic: "show/S42", from: "2026-05-01T20:00:00Z", speed: 10 }, { document: show, ended: () => {} }); // a rehearsal
//   …
//   stop();
//   quiet();
//   meter.close();
//
// A document is the feed's, or is not given to you: each state is proven by its hash (CRC-32C of its canonical JSON, RFC 8785).
// Where a delta does not fit or the hash differs, the client subscribes again by itself. Documents are immutable: what did not
// change is the same object in the next one. Names of fields have dots between levels; no fields means all, [] events alone.
// Money is { minor: "1200", currency: "JPY", exponent: 0 }, minor units as text: use BigInt, not Number, where it may be large.
//
// The connection is kept for you: backoff with jitter, heartbeats, and a resume, after which only what was missed comes. What
// you hold meanwhile is old; `link` says so. Time is read 4 times a second, so a machine that slept reconnects at once.
//
//          open()              welcome                  silence > 3 heartbeats
//   ─────────────▶ connecting ───────▶ open ◀────────────────────────▶ silent ──▶ (> 8 heartbeats) closed by us
//                       ▲                 │ closed                                        │
//                       └── wait, backoff ◀───────────────────────────────────────────────┘
//                                         └─ code that says "do not retry" ──▶ refused
//
// Bounded: one document and 1,024 ids of events for each subscription, 1,000 subscriptions, one socket, one timer. What your
// functions throw is thrown to whoever called them, the socket's event. Frames of kinds that are not known here pass by. The
// protocol, with all frames and codes, is in stream/feed/doc.go of the project. Licence: Apache-2.0.

// ---- What you see ----

export interface Sub {
  topic: string; // shows, show/ID, esol/ID, campaign/ID or brand/ID
  fields?: readonly string[];
  /**
   * What the document is made in: a currency, of which alone is what is listed by currency; a campaign's model of attribution, which
   * is a condition (refused: BASIS_UNKNOWN, and BASIS_CHANGED when it is another's from then on); or both. Nothing is converted.
   */
  basis?: { readonly currency?: string; readonly model?: string };
  maxHz?: number; // how often a document comes at most, .01 to 10
  /**
   * A rehearsal: what the feed said of a show from that time (RFC 3339) on, as often as its tape has it, so without fields,
   * basis and maxHz. Its frames are of then. It ends with `ended`. After a lost connection it goes on from the age of the last document.
   */
  from?: string;
  speed?: number; // of a rehearsal: times as fast as it was, to 1000
}

/** Where a document is from, and how old it is. */
export interface About {
  cursor: string;
  asOf: string | null; // of its newest meter
  watermark: string | null; // the event time that it is complete to
  reason: string; // of a document that is null: not_yet, gone
}

export interface FeedEvent {
  kind: string; // ignition, hot_not_buying, …
  cursor: string;
  data: { readonly id: string; readonly [name: string]: unknown };
}

export interface Restatement {
  reason: string;
  cursor: string;
  data: { readonly id: string; readonly [name: string]: unknown };
}

export interface Handlers<Doc = unknown> {
  document?(doc: Doc | null, about: About): void;
  event?(event: FeedEvent): void;
  restate?(restatement: Restatement): void;
  gap?(why: string): void;
  refused?(code: string, message: string): void;
  ended?(): void; // a rehearsal has said its tape to the end
}

/** What a watch's condition comes to. null: not known. */
export interface Answer {
  holds: boolean | null;
  was: boolean | null; // what was told before; null also where nothing was
  /** How often it changed since. After a lost connection it is at least so often: what happened meanwhile is not known. */
  changes: number;
  values: Readonly<Record<string, Json>>; // what it rests on, by path
}

export interface WatchHandlers {
  answer(answer: Answer): void;
  refused?(code: string, message: string): void;
}

/** What is behind a number of a document; the feed's schema explanation.json says more of each. */
export interface Explanation {
  topic: string;
  path: string;
  value: Json; // as the document has it now; null: not known, or nothing is there
  within: Json; // what stands beside it: an interval, a denominator, the reason why there is none
  sources: Json; // of a heat; null of everything else, as sinks
  sinks: Json;
  metric: Json; // its definition; null: it is none of the field's metrics
  records: readonly { key: string; log: string; partition: number; offset: number; index: number }[];
  corrections: readonly { readonly id: string; readonly [name: string]: Json }[]; // of the document's money, the newest first
  alerts: readonly { readonly id: string; readonly [name: string]: Json }[];
}

/** Rows of the past: GET /v1/series. */
export interface SeriesQuery {
  scope: string; // show/ID, esol/ID, campaign/ID or brand/ID
  names: readonly string[]; // of series, as heat.gauge or gmv.JPY.net: 1 to 64
  step?: "1s" | "10s" | "1m" | "5m";
  from?: string; // when rows begin, RFC 3339; absent: 360 steps up to now
  to?: string; // excluded
  revisions?: "latest" | "all";
  limit?: number; // rows, to 10,000
}

export interface Series {
  scope: string;
  step: string;
  from: string;
  to: string;
  floor: string | null; // what lies before it is not kept any more
  open_from: string | null; // rows from here on are not complete, and may change without a revision
  columns: readonly { name: string; unit: string; part: string | null; currency: string | null; exponent: number | null }[];
  rows: readonly (readonly (number | string | null)[])[]; // a value for each column; amounts are minor units as text
  gaps: readonly { part: string; from: string | null; to: string }[];
  next: string | null; // ask for what follows with this as from; null: this is all
}

/** Why a question was not answered: what the feed said, or TIMEOUT, CLOSED, TOO_MANY_QUESTIONS of this client. */
export class Unanswered extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

export type Link =
  | { kind: "connecting"; attempt: number } // attempt 0: the first
  | { kind: "open" }
  | { kind: "silent"; sinceMs: number } // open by its own account, but heartbeats have stopped (sleep, a dead network)
  | { kind: "waiting"; untilMs: number; attempt: number } // untilMs, sinceMs: by the server's clock
  | { kind: "refused"; reason: string };

/** catching_up: the feed itself is still reading its logs after a start. */
export type FeedState = "catching_up" | "live";

export interface Options {
  /** Asked before each connection, so that a token that has ended is followed by another. undefined: none is sent. */
  token?: () => string | undefined;
  /** Tells the feed's people who this is, as acme-overlay/2.3. */
  name?: string;
  /** Called when link, feed or the time may have changed: with each frame, and 4 times a second. */
  changed?: () => void;
  /** Called when something is not as it should be and the client has dealt with it. */
  log?: (message: string) => void;
  world?: World;
}

/** What the client needs of the world; tests bring their own. */
export interface World {
  now(): number;
  random(): number;
  connect(url: string, protocols: string[]): WebSocket;
  every(ms: number, f: () => void): () => void;
  fetch?(url: string, init: RequestInit): Promise<Response>; // for series
}

// ---- The frames of livemeter.v1 ----

export type ServerFrame =
  | { t: "welcome"; server_time: string; heartbeat_ms: number; state?: FeedState }
  | { t: "ack"; id?: number; sub?: number; watch?: number; keys?: Keys; resumed?: "in_step" | "delta" | "snapshot" | "too_old" | "foreign" }
  | ({ t: "snap"; sub: number; topic: string; cursor: string; data: Tree | null; hash?: string; reason?: string } & Age)
  | ({ t: "delta"; sub: number; from: string; to: string; hash: string } & Age & Ops)
  | ({ t: "event"; sub: number } & FeedEvent)
  | ({ t: "restate"; sub: number } & Restatement)
  | { t: "hb"; n: number; server_time?: string; state?: FeedState; cursor?: string }
  | { t: "pong" }
  | ({ t: "watch"; watch: number } & Answer)
  | ({ t: "explanation"; id?: number } & Explanation)
  | { t: "err"; id?: number; sub?: number; watch?: number; code: string; message: string }
  | { t: "notice"; sub?: number; code: string; message: string }
  | { t: "bye"; code: string; message: string; retry?: boolean };

interface Age {
  as_of?: string | null;
  watermark?: string | null;
}

export type ClientFrame =
  | { t: "hello"; v: 1; client: string }
  | { t: "sub"; id: number; topic: string; fields?: readonly string[]; basis?: Sub["basis"]; max_hz?: number; from?: string; speed?: number; resume?: { cursor: string; hash?: string } }
  | { t: "watch"; id: number; topic: string; when: string }
  | { t: "unwatch"; id: number; watch: number }
  | { t: "explain"; id: number; topic: string; path: string }
  | { t: "tune"; id: number; sub: number; max_hz?: number }
  | { t: "unsub"; id: number; sub: number };

// ---- The client ----

const browser: World = {
  now: () => Date.now(),
  random: () => Math.random(),
  connect: (url, protocols) => new WebSocket(url, protocols),
  every: (ms, f) => {
    const id = setInterval(f, ms);
    return () => clearInterval(id);
  },
};

const beatMs = 250; // how often time is looked at
const silentAfter = 3; // heartbeats missed: say so
const deadAfter = 8; // heartbeats missed: try another connection
const connectLimitMs = 10_000;
const settledAfterMs = 5_000; // a server that welcomes and hangs up must not be asked twice a second for ever
const firstBackoffMs = 500;
const lastBackoffMs = 15_000;
const maxSubs = 1000;
const maxSeen = 1024; // the feed sends again 128 events at most, and as many as twice that may be on their way beside them
const lastAgainMs = 30_000;
// The feed takes 220 frames at once and ten a second; it takes a client for broken of which it refused 20.
const asksAtOnce = 200;
const asksPerBeat = 4;
const maxRefusals = 15;
const maxQuestions = 64;
const explainMs = 30_000;

/**
 * The wait before attempt n = 1, 2, …: doubling, capped, and spread over its upper half so that a thousand clients do
 * not come back to a restarted server at the same moment.
 */
export const backoffMs = (attempt: number, random: number): number => {
  const full = Math.min(lastBackoffMs, firstBackoffMs * 2 ** (attempt - 1));
  return Math.round(full * (0.5 + random / 2));
};

/** Close codes after which coming back would only bring the same answer: the table in stream/feed/doc.go. */
export const doNotRetry = (code: number): boolean => [1002, 1003, 1007, 1008, 1009].includes(code) || code >= 4500;

interface Held {
  sub: Sub;
  to: Handlers;
  off: boolean; // let go of; while its ack is awaited it stays, because the feed knows it by one number
  // What lasts over connections. place is the last cursor of its own frames and of heartbeats since its ack: the events
  // before it have come.
  place: string;
  doc: Tree | null | undefined; // undefined: nothing has come yet, or it did not agree
  about: About;
  hash: string;
  seen: Set<string>; // ids of events, in the order of their coming
  // What is of this connection.
  number: number | undefined; // the feed's
  asked: number | undefined; // the id of the sub frame in flight
  askedAs: number | undefined; // the id of the last one
  askedHz: number | undefined; // what it asked for
  keys: Keys;
  resumed: boolean; // the next delta may start elsewhere: another process comes to the same state at another place
  failed: number; // how often in a row it did not agree, or the feed was full
  afterMs: number; // not to be asked for before
}

const keyOf = (s: Sub): string => JSON.stringify([s.topic, s.fields ?? null, s.basis?.currency ?? null, s.basis?.model ?? null, s.from ?? null, s.speed ?? null]);

interface Watching {
  topic: string;
  when: string;
  to: WatchHandlers;
  off: boolean; // let go of while its ack was awaited
  told: Answer | undefined; // over connections
  // Of this connection.
  number: number | undefined;
  asked: number | undefined;
  failed: number;
  afterMs: number;
}

interface Question {
  topic: string;
  path: string;
  untilMs: number;
  asked: number | undefined; // on this connection
  done(explanation: Explanation): void;
  failed(why: Unanswered): void;
}

export class LiveMeter {
  /** Replaced when it changes, and never changed. */
  link: Link = { kind: "connecting", attempt: 0 };
  feed: FeedState = "live";

  private readonly world: World;
  private socket: WebSocket | undefined;
  private subs = new Map<string, Held>();
  private watches: Watching[] = []; // with subs at most maxSubs
  private questions: Question[] = []; // at most maxQuestions
  private attempt = 0;
  private nextId = 1;
  private asks = asksAtOnce;
  private refusals = 0;
  private heartbeatMs = 1000;
  private lastFrameMs = 0;
  private triedMs = 0;
  private retryMs = 0;
  private welcomedMs = 0;
  private offsetMs = 0; // server clock − ours
  private stop: (() => void) | undefined;

  /** url may be a function, asked before each connection. The query of a signed address goes into it, a token never. */
  constructor(
    private readonly url: string | (() => string),
    private readonly options: Options = {},
  ) {
    this.world = options.world ?? browser;
  }

  open(): void {
    this.stop ??= this.world.every(beatMs, () => this.beat());
    this.connect();
  }

  close(): void {
    this.stop?.();
    this.stop = undefined;
    this.drop();
    for (const q of this.questions.splice(0)) q.failed(new Unanswered("CLOSED", "the client was closed"));
  }

  /** Try now instead of at the end of the wait (the network came back, or the person asks for it). */
  retry(): void {
    if (this.link.kind === "waiting" || this.link.kind === "refused") this.connect();
  }

  /** The time by the server's clock, as far as known: what freshness is told by, however wrong this machine's is. */
  now(): number {
    return this.world.now() + this.offsetMs;
  }

  /** Asks for a topic, now if there is a connection and else when there is. Call what it returns to let go of it. */
  subscribe<Doc = unknown>(sub: Sub, to: Handlers<Doc>): () => void {
    const key = keyOf(sub);
    let s = this.subs.get(key);
    if (s && !s.off) throw new Error(`${sub.topic} is subscribed to with these fields already`);
    if (!s) this.makeRoom();
    const handlers = to as Handlers;
    if (s) {
      Object.assign(s, { sub, to: handlers, off: false });
      if (s.doc !== undefined) handlers.document?.(s.doc, s.about); // the feed may find that it is in step
    } else {
      s = {
        sub, to: handlers, off: false, place: "", doc: undefined, about: { cursor: "", asOf: null, watermark: null, reason: "" }, hash: "",
        seen: new Set(), number: undefined, asked: undefined, askedAs: undefined, askedHz: undefined, keys: {}, resumed: false, failed: 0, afterMs: 0,
      };
      this.subs.set(key, s);
      this.ask();
    }
    const mine = s;
    return () => {
      if (mine.to === handlers && !mine.off) this.letGo(mine);
    };
  }

  private makeRoom(): void {
    if (this.subs.size + this.watches.length >= maxSubs) throw new Error(`a client has at most ${maxSubs} subscriptions and watches`);
  }

  /**
   * Asks to be told when a condition (stream/feed/condition) holds: what it comes to first, and then each change of that, in every
   * state of the document and at most once a second. It outlives connections: after one that was lost, you are told if the
   * answer is otherwise than it was. Call what it returns to let go of it.
   */
  watch(topic: string, when: string, to: WatchHandlers): () => void {
    this.makeRoom();
    const w: Watching = { topic, when, to, off: false, told: undefined, number: undefined, asked: undefined, failed: 0, afterMs: 0 };
    this.watches.push(w);
    this.ask();
    return () => {
      w.off = true;
      if (w.asked === undefined) this.unwatch(w);
    };
  }

  private unwatch(w: Watching): void {
    if (w.number !== undefined) this.send({ t: "unwatch", id: this.nextId++, watch: w.number });
    w.number = undefined;
    this.watches = this.watches.filter((o) => o !== w);
  }

  /**
   * Asks what is behind a place of a document. Without a connection, or while the feed is still reading its logs, the question
   * waits, and one whose connection is lost is asked again, until timeoutMs (30 s). It fails with Unanswered.
   */
  explain(topic: string, path: string, options: { timeoutMs?: number } = {}): Promise<Explanation> {
    return new Promise((done, failed) => {
      if (this.questions.length >= maxQuestions) {
        failed(new Unanswered("TOO_MANY_QUESTIONS", `a client has at most ${maxQuestions} open`));
        return;
      }
      const untilMs = this.world.now() + (options.timeoutMs ?? explainMs);
      this.questions.push({ topic, path, untilMs, asked: undefined, done, failed });
      this.ask();
    });
  }

  /** Takes out the question that was asked with an id. */
  private question(id: number | undefined): Question | undefined {
    const i = id === undefined ? -1 : this.questions.findIndex((q) => q.asked === id);
    return i < 0 ? undefined : this.questions.splice(i, 1)[0];
  }

  /** Asks for rows of the past, once. It needs no connection, but a token where the port has keys. It fails with Unanswered. */
  async series(query: SeriesQuery): Promise<Series> {
    const at = new URL(typeof this.url === "string" ? this.url : this.url());
    at.protocol = at.protocol.replace("ws", "http");
    at.pathname = at.pathname.replace(/feed$/, "series");
    at.search = "";
    const { names, ...rest } = query;
    for (const [name, value] of Object.entries(rest)) if (value !== undefined) at.searchParams.set(name, String(value));
    for (const name of names) at.searchParams.append("name", name);
    const token = this.options.token?.();
    const get = this.world.fetch ?? fetch;
    const answer = await get(at.href, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } });
    const body: unknown = await answer.json().catch(() => undefined);
    if (answer.ok && body !== undefined) return body as Series;
    const { error } = (body ?? {}) as { error?: { code: string; message: string } };
    throw new Unanswered(error?.code ?? String(answer.status), error?.message ?? answer.statusText);
  }

  private letGo(s: Held): void {
    s.off = true;
    if (s.asked !== undefined) return;
    this.subs.delete(keyOf(s.sub));
    this.unsubscribe(s);
  }

  private unsubscribe(s: Held): void {
    if (s.number !== undefined) this.send({ t: "unsub", id: this.nextId++, sub: s.number });
    s.number = undefined;
  }

  private connect(): void {
    this.drop();
    this.linked({ kind: "connecting", attempt: this.attempt });
    this.triedMs = this.world.now();
    this.asks = asksAtOnce;
    this.refusals = 0;
    let socket: WebSocket;
    try {
      const url = typeof this.url === "string" ? this.url : this.url();
      const token = this.options.token?.();
      socket = this.world.connect(url, token === undefined ? [protocol] : [protocol, `bearer.${token}`]);
    } catch {
      this.wait(); // an address that the browser refuses to open; keep saying so rather than stopping
      return;
    }
    this.socket = socket;
    socket.onmessage = (e) => {
      if (socket === this.socket) this.receive(String(e.data));
    };
    socket.onclose = (e) => {
      if (socket === this.socket) this.closed(e.code, e.reason);
    };
  }

  private drop(): void {
    const old = this.socket;
    this.socket = undefined;
    for (const [key, s] of this.subs) {
      s.number = s.asked = undefined;
      if (s.off) this.subs.delete(key);
    }
    for (const w of this.watches) w.number = w.asked = undefined;
    this.watches = this.watches.filter((w) => !w.off);
    for (const q of this.questions) q.asked = undefined;
    old?.close();
  }

  private linked(link: Link): void {
    this.link = link;
    this.options.changed?.();
  }

  private closed(code: number, reason: string): void {
    this.drop();
    if (doNotRetry(code)) this.linked({ kind: "refused", reason: reason || String(code) });
    else this.wait();
  }

  private wait(): void {
    this.attempt++;
    this.retryMs = this.world.now() + backoffMs(this.attempt, this.world.random());
    this.linked({ kind: "waiting", untilMs: this.retryMs + this.offsetMs, attempt: this.attempt });
  }

  private beat(): void {
    const local = this.world.now();
    if (this.link.kind === "waiting" && local >= this.retryMs) this.connect();
    else if (this.link.kind === "connecting" && local - this.triedMs > connectLimitMs) this.closed(1006, "no answer");
    else if (this.isOpen()) this.listen(local - this.lastFrameMs);
    const late = this.questions.filter((q) => local >= q.untilMs);
    if (late.length > 0) this.questions = this.questions.filter((q) => local < q.untilMs);
    for (const q of late) q.failed(new Unanswered("TIMEOUT", `no explanation of ${q.path} in time`));
    this.options.changed?.();
  }

  private isOpen(): boolean {
    return this.link.kind === "open" || this.link.kind === "silent";
  }

  /** Judges a silence. A machine that slept finds a long one at its first beat, and so reconnects at once. */
  private listen(silenceMs: number): void {
    if (this.lastFrameMs - this.welcomedMs > settledAfterMs) this.attempt = 0;
    if (silenceMs > deadAfter * this.heartbeatMs) this.closed(1006, "no heartbeat");
    else if (silenceMs > silentAfter * this.heartbeatMs && this.link.kind === "open") {
      this.linked({ kind: "silent", sinceMs: this.lastFrameMs + this.offsetMs });
    }
  }

  private receive(text: string): void {
    let frame: ServerFrame;
    try {
      frame = JSON.parse(text) as ServerFrame;
    } catch {
      this.closed(1006, "not JSON"); // a broken proxy rather than a broken feed: come back
      return;
    }
    this.lastFrameMs = this.world.now();
    if (this.link.kind === "silent") this.link = { kind: "open" };
    this.obey(frame);
    this.options.changed?.();
  }

  private obey(frame: ServerFrame): void {
    switch (frame.t) {
      case "welcome":
        this.time(frame.server_time, frame.state);
        this.heartbeatMs = frame.heartbeat_ms > 0 ? frame.heartbeat_ms : 1000;
        if (this.isOpen()) return; // of our hello
        this.welcomedMs = this.world.now();
        this.link = { kind: "open" };
        if (this.options.name !== undefined) this.send({ t: "hello", v: 1, client: this.options.name });
        this.ask();
        return;
      case "hb":
        this.time(frame.server_time, frame.state);
        this.asks = Math.min(asksAtOnce, this.asks + asksPerBeat);
        for (const s of this.subs.values()) this.reached(s, frame.cursor);
        this.ask();
        return;
      case "ack":
        this.acknowledged(frame);
        return;
      case "err":
        this.failed(frame);
        return;
      case "snap":
      case "delta":
        this.document(frame);
        return;
      case "event":
      case "restate":
        this.event(frame);
        return;
      case "watch":
        this.watched(frame);
        return;
      case "explanation":
        this.question(frame.id)?.done(explanationOf(frame));
        return;
      case "notice":
        if (frame.code === "end") this.ended(frame.sub);
    }
    // bye: the close that follows says whether to come back
  }

  private time(serverTime: string | undefined, state: FeedState | undefined): void {
    const server = Date.parse(serverTime ?? "");
    if (!Number.isNaN(server)) this.offsetMs = server - this.world.now();
    this.feed = state ?? "live";
  }

  /** While the feed is still reading its logs, its place in them is no one's. */
  private reached(s: Held, cursor: string | undefined): void {
    if (this.feed === "live" && s.number !== undefined && cursor && s.sub.from === undefined) s.place = cursor;
  }

  /** Subscribes to what is not subscribed to, as far as that can be now: what was missed is known to a feed that is live. */
  private ask(): void {
    if (!this.isOpen()) return;
    const now = this.world.now();
    for (const s of this.subs.values()) {
      if (s.off || s.number !== undefined || s.asked !== undefined || now < s.afterMs) continue;
      if (((s.place || s.sub.basis?.model !== undefined) && this.feed !== "live") || this.asks === 0) continue;
      this.asks--;
      s.asked = this.nextId++;
      this.send(this.frameOf(s, s.asked));
    }
    if (this.feed === "live") this.askMore(now);
  }

  private frameOf(s: Held, id: number): ClientFrame {
    const { topic, fields, basis, maxHz, from, speed } = s.sub;
    const frame: ClientFrame = { t: "sub", id, topic };
    if (fields) frame.fields = fields;
    if (basis && (basis.currency !== undefined || basis.model !== undefined)) frame.basis = basis;
    if (maxHz) frame.max_hz = maxHz;
    s.askedHz = maxHz;
    s.askedAs = id;
    if (from !== undefined) frame.from = s.about.asOf ?? from;
    if (speed !== undefined) frame.speed = speed;
    if (s.place) frame.resume = s.hash ? { cursor: s.place, hash: s.hash } : { cursor: s.place };
    return frame;
  }

  /** Watches and questions: of a feed that is still reading its logs, the answers would be of the past. */
  private askMore(now: number): void {
    for (const w of this.watches) {
      if (w.off || w.number !== undefined || w.asked !== undefined || now < w.afterMs || this.asks === 0) continue;
      this.asks--;
      w.asked = this.nextId++;
      this.send({ t: "watch", id: w.asked, topic: w.topic, when: w.when });
    }
    for (const q of this.questions) {
      if (q.asked !== undefined || this.asks === 0) continue;
      this.asks--;
      q.asked = this.nextId++;
      this.send({ t: "explain", id: q.asked, topic: q.topic, path: q.path });
    }
  }

  private answered(id: number | undefined): Held | undefined {
    if (id === undefined) return undefined;
    for (const s of this.subs.values()) {
      if (s.asked !== id) continue;
      s.asked = undefined;
      return s;
    }
    return undefined;
  }

  private acknowledged(frame: Extract<ServerFrame, { t: "ack" }>): void {
    const w = this.watches.find((o) => o.asked !== undefined && o.asked === frame.id);
    if (w) {
      w.asked = undefined;
      w.number = frame.watch;
      if (w.off) this.unwatch(w);
      return;
    }
    const s = this.answered(frame.id);
    if (!s || frame.sub === undefined) return; // of an unsub
    s.number = frame.sub;
    s.keys = frame.keys ?? {};
    s.resumed = frame.resumed === "in_step" || frame.resumed === "delta";
    if (s.off) {
      this.letGo(s);
      return;
    }
    const { maxHz } = s.sub; // let go of and taken again since, at another pace
    if (maxHz !== s.askedHz) this.send({ t: "tune", id: this.nextId++, sub: frame.sub, ...(maxHz ? { max_hz: maxHz } : {}) });
    if (frame.resumed === "too_old" || frame.resumed === "foreign") s.to.gap?.(frame.resumed);
  }

  /** What can come later is asked for later; the rest is told, and over. */
  private failed(frame: Extract<ServerFrame, { t: "err" }>): void {
    const q = this.question(frame.id);
    if (q) {
      q.failed(new Unanswered(frame.code, frame.message));
      return;
    }
    const w = this.watches.find((o) => (o.asked !== undefined && o.asked === frame.id) || (o.number !== undefined && o.number === frame.watch));
    if (w) {
      this.watchFailed(w, frame.code, frame.message);
      return;
    }
    const s = this.answered(frame.id) ?? this.find(frame.sub) ?? this.rehearsed(frame.id);
    if (!s) {
      this.options.log?.(`the feed refused a frame: ${frame.code}: ${frame.message}`);
      return;
    }
    if (s.off) {
      this.letGo(s);
      return;
    }
    if (++this.refusals > maxRefusals) {
      this.closed(1006, "much was refused");
      return;
    }
    if (frame.code === "CATCHING_UP") {
      this.feed = "catching_up"; // the next heartbeat says more
    } else if (frame.code === "OVERLOADED" || frame.code === "TOO_MANY_BASES") {
      this.again(s);
    } else {
      this.subs.delete(keyOf(s.sub));
      s.off = true;
      s.to.refused?.(frame.code, frame.message);
    }
  }

  private watchFailed(w: Watching, code: string, message: string): void {
    w.number = w.asked = undefined;
    this.refusals++;
    if (code === "CATCHING_UP" || code === "OVERLOADED") {
      w.afterMs = this.world.now() + Math.min(lastAgainMs, 1000 * 2 ** w.failed++);
      return;
    }
    this.watches = this.watches.filter((o) => o !== w);
    if (!w.off) w.to.refused?.(code, message);
  }

  /** What a condition comes to is told if it was not told that before: a watch of another connection says it again. */
  private watched(frame: Extract<ServerFrame, { t: "watch" }>): void {
    const w = this.watches.find((o) => o.number === frame.watch);
    if (!w || w.off) return;
    const { holds, was, changes, values } = frame;
    if (w.told && w.told.holds === holds && changes === 0) return;
    w.told = w.told ? { holds, was: w.told.holds, changes: Math.max(1, changes), values } : { holds, was, changes, values };
    w.to.answer(w.told);
  }

  private ended(number: number | undefined): void {
    const s = this.find(number);
    if (!s) return;
    this.subs.delete(keyOf(s.sub));
    if (!s.off) s.to.ended?.();
    s.off = true;
  }

  /** At once the first time, then later and later, so that a document that the two never agree on costs little. */
  private again(s: Held): void {
    this.unsubscribe(s);
    const wait = s.failed === 0 ? 0 : Math.min(lastAgainMs, 1000 * 2 ** (s.failed - 1));
    s.afterMs = this.world.now() + wait;
    s.failed++;
    this.ask();
  }

  /** A tape may turn out not to be readable after its ack. */
  private rehearsed(id: number | undefined): Held | undefined {
    for (const s of this.subs.values()) if (s.sub.from !== undefined && s.askedAs === id) return s;
    return undefined;
  }

  private find(number: number | undefined): Held | undefined {
    if (number === undefined) return undefined;
    for (const s of this.subs.values()) if (s.number === number) return s;
    return undefined;
  }

  private document(frame: Extract<ServerFrame, { t: "snap" | "delta" }>): void {
    const s = this.find(frame.sub);
    if (!s) return; // let go of, or asked for anew
    const cursor = frame.t === "snap" ? frame.cursor : frame.to;
    this.reached(s, cursor); // whatever the document is, the events before it have come
    const next = frame.t === "snap" ? frame.data : follow(s, frame);
    if (next === undefined || (next && hashOf(next) !== frame.hash)) {
      this.options.log?.(`${s.sub.topic} is out of step: subscribing again`);
      this.again(s); // what is held is still what its hash says: documents do not change
      return;
    }
    const reason = (frame.t === "snap" && frame.reason) || "";
    s.doc = next;
    s.hash = next ? (frame.hash ?? "") : "";
    s.resumed = false;
    s.about = { cursor, asOf: frame.as_of ?? null, watermark: frame.watermark ?? null, reason };
    if (this.world.now() - s.afterMs > lastAgainMs) s.failed = 0;
    if (!s.off) s.to.document?.(next, s.about);
  }

  private event(frame: Extract<ServerFrame, { t: "event" | "restate" }>): void {
    this.feed = "live"; // there are none before
    const s = this.find(frame.sub);
    if (!s) return;
    this.reached(s, frame.cursor);
    const { id } = frame.data;
    if (s.seen.has(id)) return;
    s.seen.add(id);
    if (s.seen.size > maxSeen) for (const oldest of s.seen) {
      s.seen.delete(oldest);
      break;
    }
    if (frame.t === "event") s.to.event?.({ kind: frame.kind, cursor: frame.cursor, data: frame.data });
    else s.to.restate?.({ reason: frame.reason, cursor: frame.cursor, data: frame.data });
  }

  private send(frame: ClientFrame): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(frame));
  }
}

const protocol = "livemeter.v1.json";

const explanationOf = ({ t: _t, id: _id, ...explanation }: Extract<ServerFrame, { t: "explanation" }>): Explanation => explanation;

/** The document after a delta; undefined where it does not follow what is held. */
const follow = (s: Held, frame: Extract<ServerFrame, { t: "delta" }>): Tree | undefined =>
  s.doc && (s.resumed || s.about.cursor === frame.from) ? apply(s.keys, s.doc, frame) : undefined;

// ---- Canonical JSON, and its hash ----

/** RFC 8785: names sorted by UTF-16 code units, numbers and texts as ECMAScript writes them, no space. */
export const canonical = (v: Json): string => {
  if (typeof v !== "object" || v === null) return JSON.stringify(v);
  if (isList(v)) return `[${v.map(canonical).join(",")}]`;
  const tree = v as Tree;
  return `{${Object.keys(tree).sort().map((name) => `${JSON.stringify(name)}:${canonical(tree[name] as Json)}`).join(",")}}`;
};

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
  return n;
});
const utf8 = new TextEncoder();

/** CRC-32C of the canonical text, as frames have it: it tells an accident, not a forgery. */
export const hashOf = (doc: Json): string => {
  let crc = 0xffffffff;
  for (const byte of utf8.encode(canonical(doc))) crc = (crcTable[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  return `crc32c:${(~crc >>> 0).toString(16).padStart(8, "0")}`;
};

// ---- What a delta makes of a document: cut, set, add, max and order, as stream/feed/delta says. Pure. ----

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Tree = { readonly [name: string]: Json };

/** What tells the elements of lists apart: JSON Pointer, with * for any element, to the name of the key. */
export type Keys = Readonly<Record<string, string>>;

export interface Ops {
  cut?: readonly string[];
  set?: Tree;
  add?: Tree;
  max?: Tree;
  order?: Readonly<Record<string, readonly string[]>>;
}

const isTree = (v: Json | undefined): v is Tree => typeof v === "object" && v !== null && !Array.isArray(v);
const isList = (v: Json | undefined): v is readonly Json[] => Array.isArray(v);

class Misfit extends Error {}

/** The next document, or undefined where the ops do not fit the one that is held: ask for it again. */
export const apply = (keys: Keys, doc: Tree, ops: Ops): Tree | undefined => {
  try {
    let next: Json = doc;
    for (const pointer of ops.cut ?? []) next = at(keys, next, segments(pointer), cut);
    if (ops.set) next = merge(keys, "", next, ops.set);
    if (ops.add) next = combine(keys, "", next, ops.add, plus);
    if (ops.max) next = combine(keys, "", next, ops.max, greater);
    for (const [pointer, order] of Object.entries(ops.order ?? {})) next = at(keys, next, segments(pointer), sortBy(order));
    return next as Tree;
  } catch (e) {
    if (e instanceof Misfit) return undefined;
    throw e;
  }
};

const escape = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
const segments = (pointer: string): string[] =>
  pointer.split("/").slice(1).map((s) => s.replaceAll("~1", "/").replaceAll("~0", "~"));

/** The place of the element with this key; -1: there is none. */
const find = (keys: Keys, path: string, list: readonly Json[], key: string): number => {
  const name = keys[path];
  return name === undefined ? -1 : list.findIndex((e) => isTree(e) && e[name] === key);
};

const replaced = (list: readonly Json[], i: number, v: Json): Json[] => list.map((e, j) => (j === i ? v : e));

const merge = (keys: Keys, path: string, held: Json | undefined, given: Json): Json => {
  if (!isTree(given)) return given;
  if (isTree(held)) {
    const next: Record<string, Json> = { ...held };
    for (const [name, v] of Object.entries(given)) next[name] = merge(keys, `${path}/${escape(name)}`, held[name], v);
    return next;
  }
  if (!isList(held)) return given;
  let next = held;
  for (const [key, v] of Object.entries(given)) {
    const i = find(keys, path, next, key);
    next = i < 0 ? [...next, v] : replaced(next, i, merge(keys, `${path}/*`, next[i], v));
  }
  return next;
};

type With = (held: Json | undefined, given: Json) => Json;

const combine = (keys: Keys, path: string, held: Json | undefined, given: Json, how: With): Json => {
  if (!isTree(given)) return how(held, given);
  if (isTree(held)) {
    const next: Record<string, Json> = { ...held };
    for (const [name, v] of Object.entries(given)) {
      next[name] = combine(keys, `${path}/${escape(name)}`, held[name], v, how);
    }
    return next;
  }
  if (!isList(held)) throw new Misfit();
  let next = held;
  for (const [key, v] of Object.entries(given)) {
    const i = find(keys, path, next, key);
    if (i < 0) throw new Misfit();
    next = replaced(next, i, combine(keys, `${path}/*`, next[i], v, how));
  }
  return next;
};

const plus: With = (held, given) => {
  if (typeof held === "number" && typeof given === "number") return held + given;
  if (typeof held !== "string" || typeof given !== "string") throw new Misfit();
  try {
    return (BigInt(held) + BigInt(given)).toString(); // minor units: exact beyond what a number holds
  } catch {
    throw new Misfit();
  }
};

const greater: With = (held, given) => {
  if (typeof held === "number" && typeof given === "number") return Math.max(held, given);
  if (typeof held === "string" && typeof given === "string") return held > given ? held : given;
  throw new Misfit();
};

/** Changes what lies in a parent under the last segment of a path. */
type Change = (keys: Keys, path: string, parent: Json, last: string) => Json;

const at = (keys: Keys, held: Json, path: readonly string[], change: Change, pattern = ""): Json => {
  const [first, ...rest] = path;
  if (first === undefined) throw new Misfit();
  if (rest.length === 0) return change(keys, pattern, held, first);
  if (isTree(held) && held[first] !== undefined) {
    return { ...held, [first]: at(keys, held[first], rest, change, `${pattern}/${escape(first)}`) };
  }
  const i = isList(held) ? find(keys, pattern, held, first) : -1;
  if (i < 0 || !isList(held)) throw new Misfit();
  return replaced(held, i, at(keys, held[i] as Json, rest, change, `${pattern}/*`));
};

const cut: Change = (keys, path, parent, last) => {
  if (isList(parent)) {
    const i = find(keys, path, parent, last);
    if (i < 0) throw new Misfit();
    return parent.filter((_, j) => j !== i);
  }
  if (!isTree(parent) || parent[last] === undefined) throw new Misfit();
  const { [last]: _, ...rest } = parent;
  return rest;
};

const sortBy =
  (order: readonly string[]): Change =>
  (keys, path, parent, last) => {
    const list = isTree(parent) ? parent[last] : undefined;
    if (!isTree(parent) || !isList(list) || list.length !== order.length) throw new Misfit();
    const here = `${path}/${escape(last)}`;
    const next = order.map((key) => list[find(keys, here, list, key)]);
    if (next.some((e) => e === undefined) || new Set(order).size !== order.length) throw new Misfit();
    return { ...parent, [last]: next as Json[] };
  };
