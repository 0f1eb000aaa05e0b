// The client of the feed: one websocket, any number of topics, the latest document of each as a signal.
//
//            open()              welcome                  silence > 3 heartbeats
//   idle ───────────▶ connecting ───────▶ open ◀────────────────────────▶ silent ──▶ (> 8 heartbeats) closed by us
//                         ▲                 │ closed                                        │
//                         └── wait, backoff ◀───────────────────────────────────────────────┘
//                                           └─ code that says "do not retry" ──▶ refused
//
// Invariants: a document is only ever what a snap said, with the deltas that follow it without a gap; after a gap or a
// new connection the topic is asked for again. Documents of before a lost connection stay, so that the screen
// does not go blank; `link` says that they are old. Everything is bounded: one document and at most alertsKept
// alerts per topic, one socket, one timer.
import { signal, type Signal } from "@preact/signals";
import { opening } from "./access";
import type { ClientFrame, FeedState, ServerFrame } from "./contract";
import { emptyTopic, reduce, type TopicFrame, type TopicState } from "./reduce";

export type Link =
  | { kind: "connecting"; attempt: number } // attempt 0: the first
  | { kind: "open" }
  | { kind: "silent"; sinceMs: number } // open by its own account, but heartbeats have stopped (sleep, a dead network)
  | { kind: "waiting"; untilMs: number; attempt: number } // untilMs, sinceMs: by the server's clock, as now is
  | { kind: "refused"; reason: string };

/** What the client needs of the world; tests bring their own. */
export interface World {
  now(): number;
  random(): number;
  connect(url: string): WebSocket;
  every(ms: number, f: () => void): () => void;
}

export const browser: World = {
  now: () => Date.now(),
  random: () => Math.random(),
  connect: (url) => new WebSocket(...opening(url)),
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

/**
 * The wait before attempt n = 1, 2, …: doubling, capped, and spread over its upper half so that a thousand pages do
 * not come back to a restarted server at the same moment.
 */
export const backoffMs = (attempt: number, random: number): number => {
  const full = Math.min(lastBackoffMs, firstBackoffMs * 2 ** (attempt - 1));
  return Math.round(full * (0.5 + random / 2));
};

interface Topic {
  state: Signal<TopicState>;
  users: number;
  maxHz: number;
  sub?: number | undefined; // the server's number for it on this connection
  asked?: number | undefined; // our id of the sub frame in flight
}

export class LiveMeter {
  readonly link = signal<Link>({ kind: "connecting", attempt: 0 });
  /** The time now, by the server's clock as far as known, stepped four times a second while open. */
  readonly now = signal(0);

  /** Whether the feed has read all of its meters. */
  readonly feed = signal<FeedState>("live");

  private socket: WebSocket | undefined;
  private topics = new Map<string, Topic>();
  private attempt = 0;
  private nextId = 1;
  private heartbeatMs = 1000;
  private lastFrameMs = 0;
  private triedMs = 0;
  private retryMs = 0;
  private welcomedMs = 0;
  private offsetMs = 0; // server clock − ours
  private stop: (() => void) | undefined;

  constructor(
    private readonly url: string,
    private readonly world: World = browser,
  ) {
    this.now.value = world.now();
  }

  open(): void {
    this.stop ??= this.world.every(beatMs, () => this.beat());
    this.connect();
  }

  close(): void {
    this.stop?.();
    this.stop = undefined;
    this.drop();
  }

  /** Try now instead of at the end of the wait (the network came back, or the person asks for it). */
  retry(): void {
    if (this.link.value.kind === "waiting" || this.link.value.kind === "refused") this.connect();
  }

  /** The latest of a topic. Asks for it while at least one user holds it; call the returned function to let go. */
  subscribe(topic: string, maxHz: number): [Signal<TopicState>, () => void] {
    let t = this.topics.get(topic);
    if (!t) {
      t = { state: signal(emptyTopic), users: 0, maxHz };
      this.topics.set(topic, t);
      this.ask(topic, t);
    }
    t.users++;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      if (--t.users === 0) this.forget(topic, t);
    };
    return [t.state, release];
  }

  /**
   * Lets go of a topic that nobody holds. While its ack is on the way it stays, because the server knows a topic by
   * one number: asking again before that ack, and then undoing the first, would undo both.
   */
  private forget(name: string, t: Topic): void {
    if (t.asked !== undefined) return;
    this.topics.delete(name);
    if (t.sub !== undefined) this.send({ t: "unsub", id: this.nextId++, sub: t.sub });
  }

  private connect(): void {
    this.drop();
    this.link.value = { kind: "connecting", attempt: this.attempt };
    this.triedMs = this.world.now();
    let socket: WebSocket;
    try {
      socket = this.world.connect(this.url);
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
    for (const [name, t] of this.topics) {
      t.sub = t.asked = undefined;
      if (t.users === 0) this.topics.delete(name);
    }
    old?.close();
  }

  private closed(code: number, reason: string): void {
    this.drop();
    if (doNotRetry(code)) {
      this.link.value = { kind: "refused", reason: reason || String(code) };
      return;
    }
    this.wait();
  }

  private wait(): void {
    this.attempt++;
    this.retryMs = this.world.now() + backoffMs(this.attempt, this.world.random());
    const untilMs = this.retryMs + this.offsetMs;
    this.link.value = { kind: "waiting", untilMs, attempt: this.attempt };
  }

  private beat(): void {
    const local = this.world.now();
    this.now.value = local + this.offsetMs;
    const link = this.link.value;
    switch (link.kind) {
      case "waiting":
        if (local >= this.retryMs) this.connect();
        return;
      case "connecting":
        if (local - this.triedMs > connectLimitMs) this.closed(1006, "no answer");
        return;
      case "open":
      case "silent":
        this.listen(local - this.lastFrameMs);
    }
  }

  /** Judges a silence. A machine that slept finds a long one at its first beat, and so reconnects at once. */
  private listen(silenceMs: number): void {
    if (this.lastFrameMs - this.welcomedMs > settledAfterMs) this.attempt = 0;
    if (silenceMs > deadAfter * this.heartbeatMs) this.closed(1006, "no heartbeat");
    else if (silenceMs > silentAfter * this.heartbeatMs && this.link.value.kind === "open") {
      this.link.value = { kind: "silent", sinceMs: this.lastFrameMs + this.offsetMs };
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
    if (this.link.value.kind === "silent") this.link.value = { kind: "open" };
    switch (frame.t) {
      case "welcome":
        this.time(frame.server_time, frame.state);
        this.welcome(frame.heartbeat_ms);
        return;
      case "hb":
        this.time(frame.server_time, frame.state);
        return;
      case "ack":
        this.acknowledged(frame);
        return;
      case "err":
        this.failed(frame.id, frame.code);
        return;
      case "bye":
        return; // the close that follows says whether to come back
      case "snap":
      case "delta":
      case "event":
        this.update(frame);
    }
  }

  /** Takes over the server's clock: freshness must not depend on how true this machine's is. */
  private time(serverTime: string | undefined, state: FeedState | undefined): void {
    const server = Date.parse(serverTime ?? "");
    if (!Number.isNaN(server)) this.offsetMs = server - this.world.now();
    this.feed.value = state ?? "live";
  }

  private welcome(heartbeatMs: number): void {
    this.heartbeatMs = heartbeatMs > 0 ? heartbeatMs : 1000;
    this.now.value = this.world.now() + this.offsetMs;
    this.welcomedMs = this.world.now();
    this.link.value = { kind: "open" };
    for (const [name, t] of this.topics) this.ask(name, t);
  }

  private ask(name: string, t: Topic): void {
    if (this.link.value.kind !== "open" && this.link.value.kind !== "silent") return;
    t.sub = undefined;
    t.asked = this.nextId++;
    this.send({ t: "sub", id: t.asked, topic: name, max_hz: t.maxHz });
  }

  private acknowledged(frame: Extract<ServerFrame, { t: "ack" }>): void {
    for (const [name, t] of this.topics) {
      if (t.asked !== frame.id) continue;
      t.asked = undefined;
      t.sub = frame.sub;
      t.state.value = { ...t.state.value, keys: frame.keys ?? {} };
      if (t.users === 0) this.forget(name, t);
      return;
    }
  }

  /** A topic that the feed will not give is shown as absent, with the feed's own word for why. */
  private failed(id: number | undefined, code: string): void {
    for (const t of this.topics.values()) {
      if (id === undefined || t.asked !== id) continue;
      t.asked = undefined;
      t.state.value = { ...t.state.value, doc: null, reason: code };
    }
  }

  private update(frame: TopicFrame): void {
    for (const [name, t] of this.topics) {
      if (t.sub !== frame.sub) continue;
      const next = reduce(t.state.value, frame, this.lastFrameMs + this.offsetMs);
      if (next === "gap") {
        this.send({ t: "unsub", id: this.nextId++, sub: frame.sub });
        this.ask(name, t);
      } else {
        t.state.value = next;
      }
      return;
    }
  }

  private send(frame: ClientFrame): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(frame));
  }
}

/** Close codes after which coming back would only bring the same answer: the table in stream/feed/doc.go. */
export const doNotRetry = (code: number): boolean => [1002, 1003, 1007, 1008, 1009].includes(code) || code >= 4500;
