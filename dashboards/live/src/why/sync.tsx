// Why the sync rate is what it is: its four components, and what the calls to action did.
import type { CallSync, Estimate, ShowDoc } from "../contract";
import { reasonText, supportText, valueText } from "../estimate";
import { clock, count, duration, wholePercent } from "../format";
import { meter } from "../meter";
import { lang } from "../settings";
import { coded, word, type Word } from "../words";
import { Bars, type Bar } from "./bars";

const shown = 3;

export const SyncWhy = ({ doc }: { doc: ShowDoc }) => {
  const l = lang.value;
  const s = doc.sync;
  const part = (name: Word, e: Estimate | null): Bar => ({
    name: word(l, name),
    share: e?.value ?? null,
    text: e !== null && e.value !== null ? valueText(e, wholePercent, l) : reasonText(e, l),
    more: e !== null && e.value !== null ? supportText(e, wholePercent, l) : "",
  });
  return (
    <>
      <p>{word(l, "syncWhy")}</p>
      <div class="columns">
        <Bars
          bars={[
            part("part_amount", s?.amount ?? null),
            part("part_echo", s?.echo ?? null),
            part("part_action", s?.action ?? null),
            part("part_possession", s?.possession ?? null),
          ]}
        />
        <div>
          {s && s.echo_latency_seconds !== null && (
            <p>{word(l, "echoAfter", { time: duration(s.echo_latency_seconds * 1000, l) })}</p>
          )}
          <h4>{word(l, "calls")}</h4>
          {!s || s.calls.length === 0 ? (
            <p class="note">{word(l, "no_calls")}</p>
          ) : (
            <ul class="facts">{s.calls.slice(-shown).toReversed().map(call)}</ul>
          )}
        </div>
      </div>
    </>
  );
};

const call = (c: CallSync) => {
  const l = lang.value;
  const uplift = c.uplift?.value ?? null;
  const people = count(c.people, l);
  return (
    <li key={c.at}>
      <span class="when">{clock(c.at, meter.now.peek(), l)}</span>{" "}
      <strong>{c.action === "" ? word(l, "callAny") : coded(l, "kind", c.action)}</strong>{" "}
      {uplift === null
        ? `${word(l, "callFew", { people })} – ${reasonText(c.uplift, l)}`
        : word(l, "callDid", { people, share: wholePercent(uplift, l) })}
    </li>
  );
};
