// What ignition is, and how far this one has come.
import type { ShowDoc } from "../contract";
import { underWay } from "../faces";
import { count } from "../format";
import { lang } from "../settings";
import { word } from "../words";
import { Bars } from "./bars";

export const IgnitionWhy = ({ doc, nowMs }: { doc: ShowDoc; nowMs: number }) => {
  const l = lang.value;
  const i = doc.ignition;
  return (
    <>
      <p>{word(l, "ignitionWhy")}</p>
      {i && underWay(i, nowMs) && i.goal > 0 && (
        <Bars
          bars={[
            {
              name: word(l, "ignitionLevel", { n: count(i.level, l) }),
              share: i.people / i.goal,
              text: `${count(i.people, l)} / ${count(i.goal, l)}`,
            },
          ]}
        />
      )}
      {i && i.best_level > 0 && <p class="note">{word(l, "ignitionBest", { n: count(i.best_level, l) })}</p>}
    </>
  );
};
