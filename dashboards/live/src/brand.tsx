// The page of one brand: what it sold, how hot the rooms are that sell it now, and what its campaigns returned.
import { Campaigns, HeatCell, RowState } from "./board";
import type { BrandDoc, BrandShow } from "./contract";
import { Corrections } from "./correctionsview";
import { count } from "./format";
import { useTopic } from "./meter";
import { HeatSection, OnAirFor } from "./parts";
import { href } from "./route";
import { SalesView } from "./sales";
import { ScopePage } from "./scopepage";
import { lang } from "./settings";
import { word } from "./words";

export const BrandPage = ({ id }: { id: string }) => {
  const topic = useTopic(`brand/${id}`, 4);
  const l = lang.value;
  const doc = topic.doc?.kind === "brand" ? topic.doc : null;
  return (
    <ScopePage id={id} topic={topic} meta={<span>{word(l, "brandIs")}</span>}>
      {doc && <Document doc={doc} />}
      {doc && <Corrections scope={doc.scope} live={topic.corrections} watermark={doc.watermark} />}
    </ScopePage>
  );
};

const Document = ({ doc }: { doc: BrandDoc }) => {
  const l = lang.value;
  const { heat, shows, campaigns } = doc;
  return (
    <>
      <div class="hero">
        {heat !== undefined && (
          <HeatSection heat={heat} nothing="brandNone" final={null} provisional viewers={null}>
            {heat && (
              <p class="finality">
                <span class="chip" title={word(l, "provisionalWhy")}>
                  {word(l, "provisional")}
                </span>
                <span>{word(l, heat.gauge_lo === null ? "brandRollupBare" : "brandRollup", { n: count(heat.shows, l) })}</span>
              </p>
            )}
            {heat && doc.on_air_shared !== undefined && doc.on_air_shared > 0 && (
              <p class="note">{word(l, "brandShared", { n: count(doc.on_air_shared, l) })}</p>
            )}
          </HeatSection>
        )}
        {doc.money !== undefined && (
          <div class="business">
            <SalesView sales={doc.money} />
          </div>
        )}
      </div>
      {shows && (
        <section class="shows" aria-labelledby="shows-title">
          <h2 id="shows-title">{word(l, "brandShows")}</h2>
          {shows.length === 0 ? <p class="note">{word(l, "brandNone")}</p> : <Shows rows={shows} />}
        </section>
      )}
      {campaigns && campaigns.length === 0 && <p class="note">{word(l, "brandNoCampaigns")}</p>}
      {campaigns && campaigns.length > 0 && <Campaigns rows={campaigns} />}
    </>
  );
};

/** What the show sold is of other brands too, and is not here. Whether a show may be opened, its own page says. */
const Shows = ({ rows }: { rows: readonly BrandShow[] }) => {
  const l = lang.value;
  return (
    <ol class="rows">
      {rows.map((row) => (
        <li key={row.scope}>
          <a class="row" href={href({ page: "show", id: row.id })}>
            <HeatCell row={row} />
            <span class="who">
              <span class="name" dir="auto">
                {row.title || row.id}
              </span>
              <span class="meta">
                {[row.esol_id, row.platform].filter((t) => t !== "").join(" · ")}{" "}
                <OnAirFor since={row.started_at} until={row.watermark} />
                {row.brands > 1 && ` · ${word(l, "brandOthers", { n: count(row.brands - 1, l) })}`}
              </span>
            </span>
            <span class="sold" />
            <RowState row={row} />
          </a>
        </li>
      ))}
    </ol>
  );
};
