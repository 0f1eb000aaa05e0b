// A feed whose lines the test speaks, and a clock that it turns.
import { hashOf, type Json, type World } from "../client/livemeter";

/** A socket whose other end is the test. */
export class Socket {
  readyState = 1;
  sent: Record<string, unknown>[] = [];
  onmessage: ((e: { data: string }) => void) | null = null;
  onclose: ((e: { code: number; reason: string }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.readyState = 3;
  }
  private spoilt = false;
  /** The next frame that has a document will say something else. */
  spoil(): void {
    this.spoilt = true;
  }
  says(frame: Record<string, unknown>): void {
    const part = frame["t"] === "snap" ? "data" : "set";
    const spoils = this.spoilt && frame["hash"] !== undefined;
    if (spoils) this.spoilt = false;
    const said = spoils ? { ...frame, [part]: { ...(frame[part] as object), a: -1 } } : frame;
    this.onmessage?.({ data: JSON.stringify(said) });
  }
  snap(sub: number, cursor: string, data: Record<string, unknown>, hash = hashOf(data as Json)): void {
    this.says({ t: "snap", sub, topic: "show/S1", cursor, data, hash });
  }
  /** A delta that sets some members, and what they make of the document. */
  delta(sub: number, from: string, to: string, set: Record<string, unknown>, whole: Record<string, unknown>): void {
    this.says({ t: "delta", sub, from, to, set, hash: hashOf(whole as Json) });
  }
  hangsUp(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code, reason: "" });
  }
}

/** A world whose clock the test turns. */
export class Fake implements World {
  ms = 1_000_000;
  sockets: Socket[] = [];
  private beat: (() => void) | undefined;
  now = (): number => this.ms;
  random = (): number => 1;
  opened: [string, string[]][] = [];
  connect = (url: string, protocols: string[]): WebSocket => {
    this.opened.push([url, protocols]);
    this.sockets.push(new Socket());
    return this.socket as unknown as WebSocket;
  };
  every = (_: number, f: () => void): (() => void) => {
    this.beat = f;
    return () => (this.beat = undefined);
  };
  get socket(): Socket {
    return this.sockets.at(-1)!;
  }
  pass(ms: number): void {
    for (const end = this.ms + ms; this.ms < end;) {
      this.ms += 250;
      this.beat?.();
    }
  }
  /** Time passes while the machine sleeps: one beat at the end of it. */
  sleep(ms: number): void {
    this.ms += ms;
    this.beat?.();
  }
  welcome(aheadMs = 0, state = "live"): void {
    this.socket.says({ t: "welcome", state, heartbeat_ms: 1000, server_time: new Date(this.ms + aheadMs).toISOString() });
  }
  /** ms of heartbeats. */
  healthy(ms: number): void {
    for (let i = 0; i < ms; i += 1000) {
      this.pass(1000);
      this.socket.says({ t: "hb", n: i });
    }
  }
}
