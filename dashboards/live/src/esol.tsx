// The page of one seller: what all of the shows sold, how hot those on the air are together, and which they are.
import { useNotices } from "./alerting";
import { useTopic } from "./meter";
import { Corrections } from "./correctionsview";
import { count } from "./format";
import { ofRows } from "./notices";
import { HeatSection } from "./parts";
import { Rows } from "./board";
import { SalesView } from "./sales";
import { ScopePage } from "./scopepage";
import { lang } from "./settings";
import { Stages } from "./why/funnel";
import { word } from "./words";

export const EsolPage = ({ id }: { id: string }) => {
  const topic = useTopic(`esol/${id}`, 4);
  const l = lang.value;
  const doc = topic.doc?.kind === "esol" ? topic.doc : null;
  useNotices(doc ? ofRows(doc.shows) : undefined);
  return (
    <ScopePage id={id} topic={topic} meta={<span>{word(l, "esol")}</span>}>
      {doc && (
        <>
          <div class="hero">
            <HeatSection heat={doc.heat} nothing="none_on_air" final={null} provisional viewers={null}>
              {doc.heat && (
                <p class="finality">
                  <span class="chip" title={word(l, "provisionalWhy")}>
                    {word(l, "provisional")}
                  </span>
                  <span>{word(l, doc.heat.gauge_lo === null ? "rollupBare" : "rollup")}</span>
                </p>
              )}
            </HeatSection>
            <div class="business">
              <SalesView sales={doc.money} />
            </div>
          </div>
          {doc.funnel && (
            <section class="shows" aria-labelledby="funnel-title">
              <h2 id="funnel-title">{word(l, "funnel")}</h2>
              <p class="note">{word(l, "esolFunnel", { shows: count(doc.funnel.shows, l) })}</p>
              <Stages stages={doc.funnel.stages} />
            </section>
          )}
          <section class="shows" aria-labelledby="shows-title">
            <h2 id="shows-title">{word(l, "shows")}</h2>
            <Rows rows={doc.shows} />
          </section>
          <Corrections scope={doc.scope} live={topic.corrections} watermark={doc.watermark} />
        </>
      )}
    </ScopePage>
  );
};
