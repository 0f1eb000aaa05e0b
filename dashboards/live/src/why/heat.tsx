// Why the room is as hot as it is: what heats it, what cools it, and how that is against before and against others.
import type { Relative, Share, ShowDoc } from "../contract";
import { count, fixed, signedPercent, unknown, wholePercent } from "../format";
import { lang } from "../settings";
import { coded, word, type Word } from "../words";
import { Bars } from "./bars";

const shown = 3;

export const HeatWhy = ({ doc }: { doc: ShowDoc }) => {
  const l = lang.value;
  const view = doc.room?.provisional ?? doc.room?.final ?? null;
  return (
    <>
      <div class="columns">
        <Shares title="sources" none="sourcesNone" family="kind" shares={view?.sources ?? []} />
        <Shares title="sinks" none="sinksNone" family="sink" shares={view?.sinks ?? []} />
      </div>
      {doc.backed_share !== null && <p>{word(l, "backed", { share: wholePercent(doc.backed_share, l) })}</p>}
      {doc.context && <ContextTable doc={doc} />}
    </>
  );
};

interface SharesProps {
  title: Word;
  none: Word;
  family: string;
  shares: readonly Share[];
}

const Shares = ({ title, none, family, shares }: SharesProps) => {
  const l = lang.value;
  return (
    <div>
      <h3 class="sub">{word(l, title)}</h3>
      {shares.length === 0 && <p class="note">{word(l, none)}</p>}
      <Bars
        bars={shares.slice(0, shown).map((s) => ({
          name: coded(l, family, s.name),
          share: s.share,
          text: s.share === null ? unknown : wholePercent(s.share, l),
        }))}
      />
    </div>
  );
};

const ContextTable = ({ doc }: { doc: ShowDoc }) => {
  const l = lang.value;
  const c = doc.context;
  if (!c) return null;
  const rows: [Word, Relative, number][] = [
    ["rowTemperature", c.temperature_j_per_head, 2],
    ["rowComments", c.comments, 0],
    ["rowOrders", c.orders, 0],
    ["rowViewers", c.viewers, 0],
  ];
  // Less than half of the ten minutes is set against nothing; a part of them says how much.
  const figure = (n: number | null, minutes: number, digits: number) => {
    if (n === null || minutes < 5) return unknown;
    const text = digits === 0 ? count(Math.round(n), l) : fixed(n, digits, l);
    return minutes > 9.5 ? text : [text, <small>{word(l, "ofMinutes", { n: fixed(minutes, 0, l) })}</small>];
  };
  return (
    <table>
      <thead>
        <tr>
          <td />
          <th scope="col">{word(l, "last10")}</th>
          <th scope="col">{word(l, "before10")}</th>
          <th scope="col">{word(l, "changeHead")}</th>
          <th scope="col">{word(l, "standingHead")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, r, digits]) => (
          <tr key={name}>
            <th scope="row">{word(l, name)}</th>
            <td>{figure(r.last_10m, r.last_minutes, digits)}</td>
            <td>{figure(r.before_10m, r.before_minutes, digits)}</td>
            <td>{r.change_ratio === null ? unknown : signedPercent(r.change_ratio, l)}</td>
            <td>{r.percentile === null ? unknown : wholePercent(r.percentile, l)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};
