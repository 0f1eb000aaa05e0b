// How people come to buy: stages as people, questions, and what putting a product on air did.
import type { PinLift, ShowDoc, Stage } from "../contract";
import { reasonText, supportText } from "../estimate";
import { clock, count, duration, fixed } from "../format";
import { meter } from "../meter";
import { lang } from "../settings";
import { coded, word } from "../words";
import { Bars, type Bar } from "./bars";

const shown = 3;

export const FunnelWhy = ({ doc }: { doc: ShowDoc }) => {
  const l = lang.value;
  const stages = doc.funnel?.stages ?? [];
  const q = doc.questions;
  return (
    <>
      <p>{word(l, "funnelWhy")}</p>
      <div class="columns">
        <Stages stages={stages} />
        <div>
          {q && (
            <>
              <h4>{word(l, "questions")}</h4>
              <p>
                {word(l, "questionsPath", {
                  asked: count(q.asked, l),
                  answered: count(q.answered, l),
                  bought: count(q.bought, l),
                })}
                {q.seconds_to_buy !== null && (
                  <small>{word(l, "questionsTime", { time: duration(q.seconds_to_buy * 1000, l) })}</small>
                )}
              </p>
            </>
          )}
          <h4>{word(l, "pins")}</h4>
          {(doc.pins ?? []).length === 0 && <p class="note">{word(l, "pinsNone")}</p>}
          <ul class="facts">{(doc.pins ?? []).slice(-shown).toReversed().map(pin)}</ul>
        </div>
      </div>
    </>
  );
};

/** The widest stage is the whole; a stage that nobody was in is left out, since some platforms do not tell them all. */
export const Stages = ({ stages }: { stages: readonly Stage[] }) => <Bars bars={bars(stages)} />;

const bars = (stages: readonly Stage[]): Bar[] => {
  const l = lang.value;
  const there = stages.filter((s) => s.people > 0);
  const most = Math.max(1, ...there.map((s) => s.people));
  return there.map((s) => ({
    name: coded(l, "stage", s.name),
    share: s.people / most,
    text: count(s.people, l),
    more: [
      s.name === "bought" ? "" : word(l, "stageBought", { bought: count(s.bought, l) }),
      s.trusted < s.people ? word(l, "stageTrusted", { trusted: count(s.trusted, l) }) : "",
    ]
      .filter((t) => t !== "")
      .join(" · "),
  }));
};

const pin = (p: PinLift) => {
  const l = lang.value;
  const lift = p.lift?.value ?? null;
  const did = word(l, "pinDid", {
    before: count(p.clicks_before, l),
    after: count(p.clicks, l),
    ordersBefore: count(p.orders_before, l),
    orders: count(p.orders, l),
  });
  return (
    <li key={`${p.product_id}/${p.at}`}>
      <span class="when">{clock(p.at, meter.now.peek(), l)}</span> <strong>{p.product_id}</strong>{" "}
      {lift === null ? did : `${word(l, "pinLift", { lift: fixed(lift, 1, l) })} – ${did}`}
      <small>{lift === null ? reasonText(p.lift, l) : supportText(p.lift, (n) => fixed(n, 1, l), l)}</small>
    </li>
  );
};
