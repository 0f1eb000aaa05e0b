// Why infection is what it is: what each end of the bracket counts, and what spreads beside it.
import type { Estimate, ShowDoc } from "../contract";
import { isInfection, reasonText, supportText, valueText } from "../estimate";
import { count, fixed, wholePercent } from "../format";
import { lang } from "../settings";
import { word, type Word } from "../words";
import { Bars, type Bar } from "./bars";

export const ContagionWhy = ({ doc }: { doc: ShowDoc }) => {
  const l = lang.value;
  const c = doc.contagion;
  const end = (name: Word, e: Estimate | null): Bar => ({
    name: word(l, name),
    share: e?.value ?? null,
    text: e !== null && e.value !== null ? valueText(e, wholePercent, l) : reasonText(e, l),
    more: e !== null && e.value !== null ? supportText(e, wholePercent, l) : "",
  });
  const grade = c?.lexical?.value === null ? null : (c?.lexical?.grade ?? null);
  const uses = c?.secondary_uses ?? null;
  const next = c?.reproduction ?? null;
  return (
    <>
      <p>{word(l, grade !== null && !isInfection(grade) ? "comovementWhy" : "contagionWhy")}</p>
      <div class="columns">
        <Bars bars={[end("lexicalEnd", c?.lexical ?? null), end("totalEnd", c?.total ?? null)]} />
        <ul class="facts">
          <li>
            {uses === null || uses.value === null
              ? word(l, "secondaryNone", { why: reasonText(uses, l) })
              : word(l, "secondary", { n: fixed(uses.value, 1, l) })}
            {uses !== null && uses.value !== null && <small>{supportText(uses, one, l)}</small>}
          </li>
          {next !== null && next.value !== null && (
            <li>
              {word(l, "reproduction", { n: fixed(next.value, 1, l) })}
              <small>{supportText(next, one, l)}</small>
            </li>
          )}
          {c && (
            <li>
              {word(l, "spread", {
                shares: count(c.shares, l),
                joins: count(c.joins, l),
                first: count(c.first_actors, l),
              })}
            </li>
          )}
        </ul>
      </div>
    </>
  );
};

const one = (n: number, l: "en" | "ja"): string => fixed(n, 1, l);
