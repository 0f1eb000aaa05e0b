// The state in so many words and the age of the numbers: always on the screen.
import type { RoomState } from "./contract";
import { duration } from "./format";
import { meter } from "./meter";
import { watermarkOf, type TopicState } from "./reduce";
import { lang } from "./settings";
import { status, type Status, type StatusKind } from "./status";
import { word, type Word } from "./words";

const ms = (iso: string | null | undefined): number | null => {
  const t = iso ? Date.parse(iso) : Number.NaN;
  return Number.isNaN(t) ? null : t;
};

/** What status makes of a topic now. room: the state of the room, for topics that are one; lastEvent likewise. */
export const statusOf = (topic: TopicState, room: RoomState | undefined, lastEvent: string | null): Status =>
  status({
    link: meter.link.value,
    feed: meter.feed.value,
    nowMs: meter.now.value,
    doc: topic.doc === undefined ? "none" : topic.doc === null ? "absent" : (room ?? "on_air"),
    watermarkMs: watermarkOf(topic.doc),
    movedMs: topic.movedMs,
    lastEventMs: ms(lastEvent),
  });

export const statusWord = (s: Status): string => {
  const l = lang.value;
  if (s.kind === "reconnecting" && s.inSeconds > 0) return word(l, "reconnectingIn", { n: String(s.inSeconds) });
  return word(l, s.kind);
};

/** A sentence more, where the word alone would leave a question. */
const why = (s: Status): string => {
  const l = lang.value;
  const since = { time: duration(s.sinceMs, l) };
  switch (s.kind) {
    case "stale":
      return word(l, "staleWhy", since);
    case "idle":
      return s.sinceMs > 0 ? word(l, "idleWhy", since) : "";
    case "reconnecting":
    case "refused":
      return s.freshnessMs === null ? "" : word(l, "oldWhy"); // where there are numbers
    default:
      return "";
  }
};

// Shapes, so that the state can be told without colour.
const shapes: Record<StatusKind, string> = {
  live: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11Z",
  idle: "M4.5 3h2.5v10H4.5ZM9 3h2.5v10H9Z",
  ended: "M3.5 3.5h9v9h-9Z",
  stale: "M8 1.8L14.8 13.8H1.2Z",
  catching: "M2.5 3L8 8L2.5 13ZM8 3L13.5 8L8 13Z",
  connecting: "M8 3.5a4.5 4.5 0 1 0 4.5 4.5h-1.8a2.7 2.7 0 1 1-2.7-2.7Z",
  reconnecting: "M8 3.5a4.5 4.5 0 1 0 4.5 4.5h-1.8a2.7 2.7 0 1 1-2.7-2.7Z",
  refused: "M3.2 4.6L4.6 3.2L8 6.6L11.4 3.2L12.8 4.6L9.4 8L12.8 11.4L11.4 12.8L8 9.4L4.6 12.8L3.2 11.4L6.6 8Z",
  absent: "M2.5 7h11v2h-11Z",
};

export const StatusMark = ({ kind }: { kind: StatusKind }) => (
  <svg class="mark" viewBox="0 0 16 16" aria-hidden="true">
    <path d={shapes[kind]} />
  </svg>
);

export const freshText = (freshnessMs: number | null, w: Word = "fresh"): string => {
  const l = lang.value;
  return freshnessMs === null ? word(l, "freshUnknown") : word(l, w, { time: duration(freshnessMs, l) });
};

interface Props {
  topic: TopicState;
  room?: RoomState;
  lastEvent?: string | null;
}

export const StatusView = ({ topic, room, lastEvent = null }: Props) => {
  const s = statusOf(topic, room, lastEvent);
  const more = why(s);
  return (
    <div class={`status is-${s.kind}`} data-status={s.kind}>
      <p class="state">
        <StatusMark kind={s.kind} />
        <strong>{statusWord(s)}</strong>
        {/* An ended show does not fall behind, and a campaign has no watermark: beside its name it says as of when it is. */}
        {s.kind !== "ended" && topic.doc && topic.doc.kind !== "campaign" && <span class="fresh">{freshText(s.freshnessMs)}</span>}
      </p>
      {more !== "" && <p class="why">{more}</p>}
      {(s.kind === "reconnecting" || s.kind === "refused") && (
        <button type="button" class="quiet" onClick={() => meter.retry()}>
          {word(lang.value, "retry")}
        </button>
      )}
    </div>
  );
};
