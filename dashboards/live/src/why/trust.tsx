// Why the room is believed as far as it is: what doubt costs in heat, what is doubted and why, and which floods there
// are.
import type { Flood, Gauged, ShowDoc, Suspect } from "../contract";
import { count, fixed, unknown, wholePercent } from "../format";
import { lang } from "../settings";
import { coded, word } from "../words";
import { Bars } from "./bars";

const shown = 3;

export const TrustWhy = ({ doc }: { doc: ShowDoc }) => {
  const l = lang.value;
  const view = doc.room?.provisional ?? doc.room?.final ?? null;
  const heat = (h: Gauged | null | undefined): { share: number | null; text: string } => {
    const g = h?.gauge ?? null;
    return { share: g === null ? null : g / 100, text: g === null ? unknown : fixed(g, 0, l) };
  };
  const t = doc.trust;
  return (
    <>
      <p>{word(l, "trustWhy")}</p>
      <Bars
        bars={[
          { name: word(l, "heatTrusted"), ...heat(view?.heat) },
          { name: word(l, "heatRaw"), ...heat(view?.raw) },
        ]}
      />
      {t && (
        <div class="columns">
          <div>
            <h4>{word(l, "suspects")}</h4>
            {t.worst.length === 0 && <p class="note">{word(l, t.suspects > 0 ? "suspectsFew" : "suspectsNone")}</p>}
            <ul class="facts">{t.worst.slice(0, shown).map(suspect)}</ul>
          </div>
          <div>
            <h4>{word(l, "floods")}</h4>
            {t.floods.length === 0 && <p class="note">{word(l, "floodsNone")}</p>}
            <ul class="facts">{t.floods.slice(-shown).map(flood)}</ul>
          </div>
        </div>
      )}
    </>
  );
};

/** No one is named: what is shown is how little someone counts, and the events that speak against them. */
const suspect = (s: Suspect, i: number) => {
  const l = lang.value;
  return (
    <li key={i}>
      <strong>{word(l, "suspectIs", { share: s.weight === null ? unknown : wholePercent(s.weight, l) })}</strong>{" "}
      {s.reasons.map((r) => coded(l, "reason", r.name)).join(l === "ja" ? "、" : ", ")}
      <Evidence ids={s.reasons.flatMap((r) => r.evidence)} />
    </li>
  );
};

const flood = (f: Flood, i: number) => {
  const l = lang.value;
  return (
    <li key={i}>
      <strong>{word(l, f.chant ? "chant" : "flood")}</strong>{" "}
      {word(l, "floodIs", { comments: count(f.comments, l), accounts: count(f.accounts, l) })}
      <Evidence ids={f.evidence} />
    </li>
  );
};

const Evidence = ({ ids }: { ids: readonly string[] }) => {
  const some = [...new Set(ids)].slice(0, shown);
  return some.length === 0 ? null : (
    <small class="evidence">
      {word(lang.value, "evidence")}: {some.join(", ")}
    </small>
  );
};
