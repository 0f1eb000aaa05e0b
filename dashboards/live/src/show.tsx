// The page of one show: how hot, what it sold, what led here.
import { absentWhy } from "./access";
import { useEffect, useState } from "preact/hooks";
import type { Alert, Conversion, ShowDoc } from "./contract";
import { Corrections } from "./correctionsview";
import { muted, pageTitle, toggleMuted, useNotices } from "./alerting";
import { sentence } from "./alerts";
import { clock, count, duration, fixed, money, percent, unknown } from "./format";
import { meter, usePast, useTopic } from "./meter";
import { ofAlerts } from "./notices";
import { HeatSection, OnAirFor, Stat } from "./parts";
import { href } from "./route";
import { presentMs } from "./present";
import { relativeText } from "./relative";
import { leadFirst, orders, SalesView } from "./sales";
import { lang } from "./settings";
import { useSpeech } from "./speech";
import { StatusView } from "./statusview";
import { Tiles, WhyButton } from "./tiles";
import { Trend } from "./trend";
import { HeatWhy } from "./why/heat";
import { isWord, word } from "./words";

export const ShowPage = ({ id }: { id: string }) => {
  const topic = useTopic(`show/${id}`, 4);
  const alerts = usePast(`show/${id}`, "", topic.alerts);
  const l = lang.value;
  const doc = topic.doc?.kind === "show" ? topic.doc : null;
  useSpeech(topic, doc, alerts);
  useNotices(doc ? ofAlerts(topic.alerts) : undefined);
  const title = doc?.title || id;
  useEffect(() => void (pageTitle.value = `${title} – Netsu`), [title]);
  return (
    <main id="main" class="show" tabIndex={-1}>
      <header class="title">
        <div>
          <h1 dir="auto">{title}</h1>
          {doc && <Meta doc={doc} />}
        </div>
        <StatusView topic={topic} {...(doc ? { room: doc.state, lastEvent: doc.last_event_at } : {})} />
      </header>
      {topic.doc === null && <p class="empty">{word(l, absentWhy(topic.reason))}</p>}
      {doc && <Body doc={doc} alerts={alerts} corrections={topic.corrections} />}
    </main>
  );
};

const Meta = ({ doc }: { doc: ShowDoc }) => (
  <p class="meta">
    {doc.esol_id !== "" && (
      <a href={href({ page: "esol", id: doc.esol_id })}>{word(lang.value, "seller", { name: doc.esol_id })}</a>
    )}
    {doc.platform !== "" && <span>{doc.platform}</span>}
    {(doc.brand_ids ?? []).map((id) => (
      <a key={id} href={href({ page: "brand", id })}>
        {word(lang.value, "sells", { name: id })}
      </a>
    ))}
    {doc.state !== "ended" && <OnAirFor since={doc.started_at} until={doc.watermark} />}
  </p>
);

interface BodyProps {
  doc: ShowDoc;
  alerts: readonly Alert[];
  corrections: readonly Alert[];
}

const Body = ({ doc, alerts, corrections }: BodyProps) => {
  const final = doc.room?.final ?? null;
  const latest = doc.room?.provisional ?? final;
  const provisional = latest !== final;
  return (
    <>
      <Attention alerts={alerts} watermark={doc.watermark} />
      <div class="hero">
        <HeatSection
          heat={latest?.heat ?? null}
          nothing="no_room"
          final={final?.heat?.gauge ?? null}
          provisional={provisional}
          viewers={latest?.heat?.viewers ?? null}
        >
          <Finality doc={doc} provisional={provisional} />
          <HeatRelation doc={doc} />
        </HeatSection>
        <div class="business">
          <SalesView sales={doc.money} />
          <Buying doc={doc} />
        </div>
      </div>
      <Tiles doc={doc} />
      <div class="story">
        <Trend points={doc.trend} marks={doc.marks} watermark={doc.watermark} />
        <Alerts show={doc.id} alerts={alerts} watermark={doc.watermark} />
      </div>
      <Corrections scope={doc.scope} live={corrections} watermark={doc.watermark} />
    </>
  );
};

/** What of the big number can still change, and what no longer can. */
const Finality = ({ doc, provisional }: { doc: ShowDoc; provisional: boolean }) => {
  const l = lang.value;
  const final = doc.room?.final ?? null;
  const gauge = final?.heat?.gauge ?? null;
  return (
    <p class="finality">
      {provisional && (
        <span class="chip" title={word(l, "provisionalWhy")}>
          {word(l, "provisional")}
        </span>
      )}
      {final === null || gauge === null ? (
        <span>{word(l, "finalNone")}</span>
      ) : (
        <span class="notched">
          {word(l, "finalAt", {
            value: fixed(gauge, 0, l),
            time: clock(final.at, meter.now.peek(), l),
          })}
        </span>
      )}
    </p>
  );
};

/** What the heat is relative to, and why it is what it is. */
const HeatRelation = ({ doc }: { doc: ShowDoc }) => {
  const l = lang.value;
  const [open, setOpen] = useState(false);
  const relative = relativeText(doc.context?.temperature_j_per_head, "hotterThan", l);
  return (
    <>
      <div class="relation">
        {relative !== "" && <p class="relative">{relative}</p>}
        <WhyButton id="why-heat" name={word(l, "heat")} open={open} toggle={() => setOpen(!open)} />
      </div>
      {open && (
        <div
          id="why-heat"
          class="panel"
          role="region"
          aria-label={word(l, "whyOf", { name: word(l, "heat") })}
          data-why="heat"
        >
          <HeatWhy doc={doc} />
        </div>
      )}
    </>
  );
};

const attentionMs = 5 * 60_000;

/** The latest diagnosis of the last five minutes, as the board has it, where it cannot be missed. */
const Attention = ({ alerts, watermark }: { alerts: readonly Alert[]; watermark: string | null }) => {
  const l = lang.value;
  const at = Date.parse(watermark ?? "");
  const a = alerts.find((x) => isWord(`attn_${x.kind}`) && at - Date.parse(x.at) <= attentionMs);
  return a ? (
    <p class="attention">
      <strong>{word(l, "attention")}</strong> {sentence(a, l)}
    </p>
  ) : null;
};

const Buying = ({ doc }: { doc: ShowDoc }) => {
  const l = lang.value;
  const n = orders(doc.money);
  const average = leadFirst(doc.money?.gmv ?? [])[0]?.average_order ?? null;
  return (
    <dl class="stats three">
      <Stat name={word(l, "orders")} value={n.paid}>
        {doc.money && word(l, "ordersHint", { n: n.created })}
      </Stat>
      <Stat
        name={word(l, "conversion")}
        value={doc.conversion.ratio === null ? unknown : percent(doc.conversion.ratio, l)}
      >
        {conversionText(doc.conversion)}
      </Stat>
      <Stat name={word(l, "average")} value={average === null ? unknown : money(average, l)}>
        {average && word(l, "averageOf")}
      </Stat>
    </dl>
  );
};

const conversionText = (c: Conversion): string => {
  const l = lang.value;
  if (c.reason === "buyers_outside_room") return word(l, "buyers_outside_room");
  if (c.buyers === null || c.people === null) return word(l, "conversionUnknown");
  return word(l, "conversionOf", { buyers: count(c.buyers, l), people: count(c.people, l) });
};

const MuteButton = ({ show }: { show: string }) => {
  const off = muted.value.includes(show);
  return (
    <button type="button" class="quiet" data-mute={off ? "on" : "off"} onClick={() => toggleMuted(show)}>
      {word(lang.value, off ? "mutedShow" : "muteShow")}
    </button>
  );
};

const shown = 6;

const Alerts = ({ show, alerts, watermark }: { show: string; alerts: readonly Alert[]; watermark: string | null }) => {
  const l = lang.value;
  const now = presentMs(meter.now.value, watermark);
  return (
    <section class="alerts" aria-labelledby="alerts-title">
      <header>
        <h2 id="alerts-title">{word(l, "alerts")}</h2>
        <MuteButton show={show} />
      </header>
      {alerts.length === 0 && <p class="note">{word(l, "alertsNone")}</p>}
      <ol>
        {alerts.slice(0, shown).map((a) => (
          <li key={a.id}>
            <time dateTime={a.at} title={clock(a.at, now, l)}>
              {word(l, "ago", { time: duration(now - Date.parse(a.at), l) })}
            </time>
            <span>{sentence(a, l)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
};
