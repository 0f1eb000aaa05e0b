// The page's connection: the client of the feed (client/livemeter.ts), with what it knows as signals.
//
// Documents of before a lost connection stay, so that the screen does not go blank; `link` says that they are old.
// Everything is bounded: one document and at most alertsKept alerts, and as many corrections, per topic, one socket, one timer.
import { signal, type Signal } from "@preact/signals";
import { LiveMeter as Client, type FeedState, type Link, type World } from "../client/livemeter";
import { token } from "./access";
import type { Alert, Doc } from "./contract";
import { emptyTopic, withAlerts, withDocument, type TopicState } from "./reduce";

export type { Link } from "../client/livemeter";

interface Topic {
  state: Signal<TopicState>;
  users: number;
  maxHz: number;
  fields: readonly string[] | undefined;
  stop: (() => void) | undefined; // undefined: the feed has refused it
}

export class LiveMeter {
  readonly link = signal<Link>({ kind: "connecting", attempt: 0 });
  /** The time now, by the server's clock as far as known, stepped four times a second while open. */
  readonly now = signal(0);

  /** Whether the feed has read all of its meters. */
  readonly feed = signal<FeedState>("live");

  private readonly client: Client;
  private topics = new Map<string, Topic>();

  private turned: string | undefined; // why the feed does not take who we are; undefined: it does, or nobody has asked

  /** why is asked when a connection did not come about: the feed's code where it is of no use to try again. */
  constructor(
    url: string,
    world?: World,
    private readonly why: () => Promise<string | undefined> = async () => undefined,
  ) {
    const changed = (): void => this.changed();
    this.client = new Client(() => url, world ? { token, changed, world } : { token, changed });
    this.now.value = this.client.now();
  }

  open(): void {
    this.client.open();
  }

  close(): void {
    this.client.close();
  }

  /** Try now, as whoever we are now. */
  retry(): void {
    if (this.turned === undefined) {
      this.client.retry();
      return;
    }
    this.turned = undefined;
    this.client.open();
  }

  /** Stops trying where the feed says that it will not take us. */
  private async askWhy(): Promise<void> {
    const reason = await this.why();
    if (reason === undefined || this.client.link.kind === "open") return;
    this.client.close();
    this.turned = reason;
    this.changed();
  }

  /**
   * The latest of a topic. Asks for it while at least one user holds it; call the returned function to let go. Its first user
   * says which fields; undefined is all of them.
   */
  subscribe(topic: string, maxHz: number, fields?: readonly string[]): [Signal<TopicState>, () => void] {
    let t = this.topics.get(topic);
    if (!t) {
      t = { state: signal(emptyTopic), users: 0, maxHz, fields, stop: undefined };
      this.topics.set(topic, t);
      this.ask(topic, t);
    }
    const mine = t;
    mine.users++;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      if (--mine.users > 0) return;
      this.topics.delete(topic);
      mine.stop?.();
    };
    return [mine.state, release];
  }

  private ask(topic: string, t: Topic): void {
    t.stop = this.client.subscribe<Doc>(
      { topic, maxHz: t.maxHz, ...(t.fields && { fields: t.fields }) },
      {
        document: (doc, about) => (t.state.value = withDocument(t.state.value, doc, about.reason, this.client.now())),
        event: ({ data }) => (t.state.value = { ...t.state.value, alerts: withAlerts(t.state.value.alerts, [data as unknown as Alert]) }),
        restate: ({ data }) => {
          const corrections = withAlerts(t.state.value.corrections, [data as unknown as Alert]);
          t.state.value = { ...t.state.value, corrections };
        },
        // A topic that the feed will not give is shown as absent, with the feed's own word for why.
        refused: (code) => {
          t.stop = undefined;
          t.state.value = withDocument(t.state.value, null, code, this.client.now());
        },
      },
    );
  }

  private changed(): void {
    const before = this.link.value.kind;
    const is: Link = this.turned === undefined ? this.client.link : { kind: "refused", reason: this.turned };
    this.link.value = is;
    if (before === "connecting" && is.kind === "waiting") void this.askWhy();
    this.feed.value = this.client.feed;
    this.now.value = this.client.now();
    if (before !== "connecting" || this.client.link.kind !== "open") return;
    for (const [name, t] of this.topics) if (!t.stop) this.ask(name, t); // refused before: another feed may give it
  }
}
