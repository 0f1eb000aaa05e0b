// The calm tiles below the heat: one number each, and why it is so one press away. A panel follows its tile in the
// document and takes the whole width below the tile's row; the tiles after it close the gap (see .tiles in style.css).
import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { ShowDoc } from "./contract";
import { face, tileNames, type Face, type TileName } from "./faces";
import { Fitted } from "./fitted";
import { clock } from "./format";
import { meter } from "./meter";
import { presentMs } from "./present";
import { lang } from "./settings";
import { ContagionWhy } from "./why/contagion";
import { FlowWhy } from "./why/flow";
import { FunnelWhy } from "./why/funnel";
import { IgnitionWhy } from "./why/ignition";
import { SyncWhy } from "./why/sync";
import { TrustWhy } from "./why/trust";
import { word } from "./words";

export const Tiles = ({ doc }: { doc: ShowDoc }) => {
  const l = lang.value;
  const now = presentMs(meter.now.value, doc.watermark);
  return (
    <section class="beyond" aria-labelledby="beyond-title">
      <h2 id="beyond-title">
        {word(l, "beyond")}{" "}
        {doc.insight_at !== null && (
          <small>{word(l, "insightAge", { time: clock(doc.insight_at, meter.now.peek(), l) })}</small>
        )}
      </h2>
      {doc.insight_at === null ? (
        <p class="note">{word(l, "insightNone")}</p>
      ) : (
        <div class="tiles">
          {tileNames.map((name) => (
            <Tile key={name} name={name} face={face(name, doc, now, l)}>
              {() => panel(name, doc, now)}
            </Tile>
          ))}
        </div>
      )}
    </section>
  );
};

const panel = (name: TileName, doc: ShowDoc, nowMs: number): ComponentChildren => {
  switch (name) {
    case "sync":
      return <SyncWhy doc={doc} />;
    case "contagion":
      return <ContagionWhy doc={doc} />;
    case "trust":
      return <TrustWhy doc={doc} />;
    case "funnel":
      return <FunnelWhy doc={doc} />;
    case "flow":
      return <FlowWhy doc={doc} />;
    case "ignition":
      return <IgnitionWhy doc={doc} nowMs={nowMs} />;
  }
};

interface TileProps {
  name: TileName;
  face: Face;
  children: () => ComponentChildren; // made only while open
}

const Tile = ({ name, face: f, children }: TileProps) => {
  const [open, setOpen] = useState(false);
  const id = `why-${name}`;
  return (
    <>
      <div class={`tile${f.warn ? " warn" : ""}${open ? " open" : ""}`} data-tile={name}>
        <h3>{f.name}</h3>
        <Fitted class="value" text={f.value} unit={f.unit} />
        {f.says !== "" && <p class="says">{f.says}</p>}
        <p class="sure">{f.support}</p>
        {f.relative !== "" && <p class="relative">{f.relative}</p>}
        <WhyButton id={id} name={f.name} open={open} toggle={() => setOpen(!open)} />
      </div>
      {open && (
        <div
          id={id}
          class="panel"
          role="region"
          aria-label={word(lang.value, "whyOf", { name: f.name })}
          data-why={name}
        >
          <h3 aria-hidden="true">{f.name}</h3>
          {children()}
        </div>
      )}
    </>
  );
};

interface WhyProps {
  id: string;
  name: string;
  open: boolean;
  toggle: () => void;
}

/** Opens and closes a panel; its name says of what, for who hears it out of place. */
export const WhyButton = ({ id, name, open, toggle }: WhyProps) => (
  <button
    type="button"
    class="quiet whybutton"
    aria-expanded={open}
    aria-controls={id}
    aria-label={word(lang.value, "whyOf", { name })}
    onClick={toggle}
  >
    {word(lang.value, "why")} <span aria-hidden="true">{open ? "−" : "+"}</span>
  </button>
);
