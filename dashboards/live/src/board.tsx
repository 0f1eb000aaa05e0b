// The board: the shows on the air, the hottest first, as the feed orders them. A seller's shows look the same.
import { Granted } from "./accessview";
import { useNotices } from "./alerting";
import type { CampaignRow, Gauged, Row } from "./contract";
import { isInfection, rangeText } from "./estimate";
import { count, fixed, money, signedPercent, unknown, wholePercent } from "./format";
import { Strip } from "./gauge";
import { level, whyNot } from "./heat";
import { meter, useTopic } from "./meter";
import { ofRows } from "./notices";
import { OnAirFor } from "./parts";
import { href } from "./route";
import { lang } from "./settings";
import { catchingAfterMs } from "./status";
import { freshText, StatusMark, StatusView } from "./statusview";
import { isWord, word } from "./words";

export const Board = () => {
  const topic = useTopic("shows", 4);
  const l = lang.value;
  const doc = topic.doc?.kind === "shows" ? topic.doc : null;
  useNotices(doc ? ofRows(doc.shows) : undefined);
  return (
    <main id="main" class="board" tabIndex={-1}>
      <header class="title">
        <h1>
          {word(l, "board")} {doc && <span class="count">{count(doc.on_air, l)}</span>}
        </h1>
        <StatusView topic={topic} />
      </header>
      {doc ? (
        <Rows rows={doc.shows} />
      ) : topic.reason === "FORBIDDEN" ? (
        <Granted />
      ) : (
        <p class="empty">{word(l, "boardWaiting")}</p>
      )}
      {doc?.campaigns && doc.campaigns.length > 0 && <Campaigns rows={doc.campaigns} />}
    </main>
  );
};

export const Rows = ({ rows }: { rows: readonly Row[] }) => {
  const l = lang.value;
  if (rows.length === 0) {
    return (
      <p class="empty">
        {word(l, "boardEmpty")} <span>{word(l, "boardHint")}</span>
      </p>
    );
  }
  return (
    <ol class="rows">
      {rows.map((row) => (
        <li key={row.scope}>
          <a class="row" href={href({ page: "show", id: row.id })} data-orders={row.orders_paid}>
            <HeatCell row={row} />
            <span class="who">
              <span class="name" dir="auto">
                {row.title || row.id}
              </span>
              <span class="meta">
                {[row.esol_id, row.platform].filter((t) => t !== "").join(" · ")}{" "}
                {row.state !== "ended" && <OnAirFor since={row.started_at} until={row.watermark} />}
              </span>
              <Chips row={row} />
            </span>
            <span class="sold">
              {row.gmv_net.length === 0 && <span class="amount none">{unknown}</span>}
              {row.gmv_net.map((m) => (
                <span class="amount" key={m.currency}>
                  {money(m, l)}
                </span>
              ))}
              <span class="meta">
                {word(l, "orders")} {count(row.orders_paid, l)}
              </span>
            </span>
            <RowState row={row} />
          </a>
        </li>
      ))}
    </ol>
  );
};

/** The campaigns, a line each: what came back for what was spent, and whether the commitment will be reached. */
const returned = (c: CampaignRow): string[] => {
  const l = lang.value;
  const said: string[] = [];
  if (c.roims?.value != null) said.push(`ROIMS ${fixed(c.roims.value, 2, l)}`);
  if (c.hit) said.push(word(l, "commitmentReached"));
  else if (c.probability !== null) said.push(word(l, "chanceOf", { share: wholePercent(c.probability, l) }));
  return said;
};

export const Campaigns = ({ rows }: { rows: readonly CampaignRow[] }) => {
  const l = lang.value;
  return (
    <section class="campaigns" aria-labelledby="campaigns-title">
      <h2 id="campaigns-title">{word(l, "campaigns")}</h2>
      <ul>
        {rows.map((c) => (
          <li key={c.id}>
            <a class="campaign row" href={href({ page: "campaign", id: c.id })}>
              <span class="name">{c.id}</span>
              <span class="amount">{c.gmv_net.map((m) => money(m, l)).join(" + ") || unknown}</span>
              <span class="meta">{returned(c).join(" · ")}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
};

export const HeatCell = ({ row }: { row: Gauged & { trend: number | null } }) => {
  const l = lang.value;
  if (row.gauge === null) {
    return (
      <span class="cell unknown">
        <span class="figure">{unknown}</span>
        <span class="says">
          <span class="word">{word(l, "notYet")}</span>
          <Strip heat={row} />
          <span class="meta">{whyNot(row, "no_room", l)}</span>
        </span>
      </span>
    );
  }
  return (
    <span class={`cell ${level(row.gauge)}`}>
      <span class="figure">{fixed(row.gauge, 0, l)}</span>
      <span class="says">
        <span class="word">
          {word(l, level(row.gauge))}
          {row.trend !== null && (
            <span class="shift">{word(l, "change10short", { change: signedPercent(row.trend, l) })}</span>
          )}
        </span>
        <Strip heat={row} />
        <span class="meta">
          {row.temperature_j_per_head !== null && `${fixed(row.temperature_j_per_head, 2, l)} ${word(l, "perHead")}`}
          {row.grade !== null && ` · ${word(l, "grade", { grade: row.grade })}`}
        </span>
      </span>
    </span>
  );
};

/** What asks for attention, then what there is beyond heat. What is not known is left out: a row is for a glance. */
const Chips = ({ row }: { row: Row }) => {
  const l = lang.value;
  const attention = `attn_${row.attention ?? ""}`;
  const [lo, hi] = [row.contagion_lo, row.contagion_hi];
  const chips: string[] = [];
  if (row.ignition_level && row.state !== "ended")
    chips.push(word(l, "chipIgnition", { n: count(row.ignition_level, l) }));
  if (row.sync !== null) chips.push(word(l, "chipSync", { n: fixed(row.sync, 0, l) }));
  if (lo !== null && hi !== null) {
    const name = isInfection(row.contagion_grade) ? "chipContagion" : "chipComovement";
    chips.push(word(l, name, { range: rangeText(lo, hi, l) }));
  }
  if (row.attention === null && chips.length === 0) return null;
  return (
    <span class="chips">
      {row.attention !== null && (
        <strong class="flag">{isWord(attention) ? word(l, attention) : row.attention.replaceAll("_", " ")}</strong>
      )}
      {chips.map((c) => (
        <span key={c}>{c}</span>
      ))}
    </span>
  );
};

/** The state of one row. Whether we are connected is said once, above the list. */
export const RowState = ({ row }: { row: Pick<Row, "state" | "watermark"> }) => {
  const l = lang.value;
  const watermark = row.watermark === null ? Number.NaN : Date.parse(row.watermark);
  const fresh = Number.isNaN(watermark) ? null : Math.max(0, meter.now.value - watermark);
  const behind = fresh !== null && fresh > catchingAfterMs;
  const kind = row.state === "ended" ? "ended" : behind ? "stale" : row.state === "idle" ? "idle" : "live";
  return (
    <span class={`rowstate is-${kind}`}>
      <span class="state">
        <StatusMark kind={kind} />
        <strong>{word(l, kind === "stale" ? "behind" : kind)}</strong>
      </span>
      {kind !== "ended" && <span class="meta">{freshText(fresh)}</span>}
    </span>
  );
};
