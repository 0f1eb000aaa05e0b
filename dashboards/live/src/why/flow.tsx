// Why heat flows as it does: how hot the three bodies are, what they share, and whether the brand's story is told on.
import type { Beat, Body, Estimate, ShowDoc } from "../contract";
import { reasonText, supportText, valueText } from "../estimate";
import { toAudience } from "../faces";
import { count, fixed, wholePercent } from "../format";
import { lang } from "../settings";
import { coded, word, type Word } from "../words";
import { Bars, type Bar } from "./bars";

const order = ["brand", "esol", "audience"];

export const FlowWhy = ({ doc }: { doc: ShowDoc }) => {
  const l = lang.value;
  const a = doc.alignment;
  const beats = doc.beats ?? [];
  const share = (name: Word, e: Estimate | null | undefined): Bar => ({
    name: word(l, name),
    share: e?.value ?? null,
    text: e && e.value !== null ? valueText(e, wholePercent, l) : reasonText(e ?? null, l),
  });
  // A rank is told as one: of how many brands this is nearer than.
  const rank = (name: Word, e: Estimate | null | undefined): Bar => {
    const bar = share(name, e);
    if (!e || e.value === null || e.n === null) return bar;
    return { ...bar, more: word(l, "nearerThan", { n: fixed(e.value * e.n, 0, l), of: count(e.n, l) }) };
  };
  return (
    <>
      <p>{word(l, toAudience(doc.flows)?.reverse ? "flowReverseWhy" : "flowWhy")}</p>
      <div class="columns">
        <div>
          <h4>{word(l, "heats")}</h4>
          <Bars bars={heats(doc.bodies ?? [])} />
          <p class="note">{conducted(toAudience(doc.flows)?.conductance ?? null)}</p>
        </div>
        <div>
          <h4>{word(l, "shared")}</h4>
          <Bars
            bars={[
              share("alignTotal", a?.total),
              share("alignHeat", a?.heat_match),
              share("alignKnowEsol", a?.knowledge_esol),
              share("alignKnowRoom", a?.knowledge_audience),
              rank("alignWorld", a?.worldview),
              rank("alignWorldEsol", a?.worldview_esol),
              share("alignDirection", a?.direction),
            ]}
          />
        </div>
      </div>
      {beats.length > 0 && (
        <>
          <h4>{word(l, "beats")}</h4>
          <ul class="facts">{beats.slice(0, 6).map(beat)}</ul>
        </>
      )}
    </>
  );
};

// How much flows for how much hotter the seller is: a description, which is said with it.
const conducted = (e: Estimate | null): string => {
  const l = lang.value;
  const n = (x: number): string => fixed(x, 4, l);
  return e === null || e.value === null || e.lo === null || e.hi === null
    ? word(l, "conductanceNone", { why: reasonText(e, l) })
    : word(l, "conductance", { g: n(e.value), lo: n(e.lo), hi: n(e.hi) });
};

const heats = (bodies: readonly Body[]): Bar[] => {
  const l = lang.value;
  const most = Math.max(1, ...bodies.map((b) => b.theta?.value ?? 0));
  return order.flatMap((role) => {
    const theta = bodies.find((b) => b.role === role)?.theta ?? null;
    const value = theta?.value ?? null;
    return {
      name: coded(l, "role", role),
      share: value === null ? null : value / most,
      text: value === null ? reasonText(theta, l) : fixed(value, 2, l),
      more: value === null ? "" : supportText(theta, (n) => fixed(n, 2, l), l),
    };
  });
};

const beat = (b: Beat) => {
  const l = lang.value;
  const said = { told: count(b.told, l), people: count(b.retold_people, l) };
  return (
    <li key={b.id}>
      <strong>{b.id}</strong>{" "}
      {b.told === 0 && b.retold_people === 0 ? word(l, "beatUntold") : word(l, "beatIs", said)}
    </li>
  );
};
