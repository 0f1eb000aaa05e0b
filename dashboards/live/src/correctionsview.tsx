// The latest corrections of a document's money, folded away until somebody asks why a number is not what it was.
import type { Alert } from "./contract";
import { correctionsOf, correctionText } from "./corrections";
import { clock, duration } from "./format";
import { meter, usePast } from "./meter";
import { presentMs } from "./present";
import { lang } from "./settings";
import { word } from "./words";

const shown = 20;

export const Corrections = ({ scope, live, watermark }: { scope: string; live: readonly Alert[]; watermark: string | null }) => {
  const l = lang.value;
  const all = correctionsOf(scope, usePast(scope, "restate", live)).slice(0, shown);
  const now = presentMs(meter.now.value, watermark);
  if (all.length === 0) return null;
  return (
    <details class="corrections">
      <summary>
        {word(l, "corrections")} <span class="count">{all.length}</span>
      </summary>
      <p class="note">{word(l, "correctionsWhy")}</p>
      <ol>
        {all.map((a) => (
          <li key={a.id}>
            <time dateTime={a.at} title={clock(a.at, now, l)}>
              {word(l, "ago", { time: duration(now - Date.parse(a.at), l) })}
            </time>
            <span>
              {correctionText(a.restatement, now, l)}
              {a.restatement.order_ids.length > 0 && <small>{a.restatement.order_ids.join(", ")}</small>}
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
};
