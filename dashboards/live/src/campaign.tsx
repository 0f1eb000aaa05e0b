// The page of one campaign: what the brand's money returned, whether its commitment will be reached, what it owes, and
// which sellers return most. A number that is not known says why; none claims that it caused what it is credited with, and
// what the campaign caused is said only where people were held out.
import { AdviceView } from "./advice";
import type { CampaignDoc, Cost, Deal, Expected, Money, Pace, Return, States, Variant } from "./contract";
import { Corrections } from "./correctionsview";
import { Fitted } from "./fitted";
import { clock, count, fixed, money, percent, unknown, wholePercent } from "./format";
import { gradeText } from "./heat";
import { meter, useTopic } from "./meter";
import { href } from "./route";
import { Layer, SalesView } from "./sales";
import { ScopePage } from "./scopepage";
import { lang } from "./settings";
import { totalText } from "./total";
import { isWord, word, type Word } from "./words";

export const CampaignPage = ({ id }: { id: string }) => {
  const topic = useTopic(`campaign/${id}`, 2);
  const l = lang.value;
  const doc = topic.doc?.kind === "campaign" ? topic.doc : null;
  return (
    <ScopePage
      id={id}
      topic={topic}
      kind="campaign"
      meta={
        <>
          <span>{word(l, "campaign")}</span>
          {doc?.brand_id && <a href={href({ page: "brand", id: doc.brand_id })}>{word(l, "brandOf", { name: doc.brand_id })}</a>}
          {doc?.as_of && <span>{word(l, "insightAge", { time: clock(doc.as_of, meter.now.peek(), l) })}</span>}
        </>
      }
    >
      {doc && <Document doc={doc} />}
      {doc && <Corrections scope={doc.scope} live={topic.corrections} watermark={null} />}
    </ScopePage>
  );
};

const Document = ({ doc }: { doc: CampaignDoc }) => {
  const lead = doc.returns[0] ?? null;
  const own = find(lead, "net")?.numerator ?? null; // of the campaign's own currency, if anything was sold in it
  return (
    <>
      <div class="hero">
        <Roims of={lead} heldOut={(doc.holdout_ppm ?? 0) / 1e6} />
        <div class="business">
          <SalesView sales={doc.money} />
          {doc.total && <p class="note">{totalText(doc.total, lang.value)}</p>}
          {lead?.expected && <Staying of={lead.expected} />}
        </div>
      </div>
      <div class="columns money">
        <Commitment pace={lead?.pace ?? null} />
        <Costs costs={doc.costs} />
      </div>
      <Deals deals={doc.deals} />
      {own && <AdviceView id={doc.id} of={own} />}
    </>
  );
};

const find = (of: Return | null, name: string): Variant | null => of?.variants.find((v) => v.name === name) ?? null;

/** Why a number of money is missing; what a code means depends on what is missing. */
export const whyNoMoney = (code: string | null | undefined, l: "en" | "ja", of: "cost" | "pace" | "holdout" = "cost"): string => {
  const w = [`${of}_${code}`, `cost_${code}`].find(isWord);
  return word(l, w ?? "cost_unknown");
};

/** The interval and grade of a ROIMS, or why there is none. */
const support = (v: Variant | null): string => {
  const l = lang.value;
  if (v === null || v.value === null) return whyNoMoney(v?.insufficient, l);
  const interval =
    v.lo === null || v.hi === null
      ? word(l, "noInterval")
      : word(l, "intervalShort", { lo: fixed(v.lo, 2, l), hi: fixed(v.hi, 2, l) });
  return [interval, v.grade === null ? "" : gradeText(v.grade, l)].filter((t) => t !== "").join(" · ");
};

/** What the campaign caused, of those who were held out, or why that is not known. */
const caused = (v: Variant | null, share: string): string => {
  const l = lang.value;
  if (v?.value == null || v.lo === null || v.hi === null)
    return word(l, "causedUnknown", { share, why: whyNoMoney(v?.insufficient, l, "holdout") });
  const said = word(l, "caused", { share, n: fixed(v.value, 2, l), lo: fixed(v.lo, 2, l), hi: fixed(v.hi, 2, l) });
  return v.lo <= 0 && v.hi >= 0 ? `${said} ${word(l, "causedUnclear")}` : said;
};

const Roims = ({ of, heldOut }: { of: Return | null; heldOut: number }) => {
  const l = lang.value;
  const net = find(of, "net");
  const even = find(of, "break_even");
  const profit = find(of, "profit");
  const value = net?.value ?? null;
  return (
    <section aria-labelledby="roims-title">
      <h2 id="roims-title">{word(l, "roims")}</h2>
      <p class="amount">
        <Fitted class={value === null ? "big none" : "big"} text={value === null ? unknown : fixed(value, 2, l)} />
      </p>
      <p>
        {value !== null && `${word(l, "roimsUnit")} · `}
        {support(net)}
      </p>
      {net?.numerator && net.denominator && (
        <p>{word(l, "roimsOf", { sold: money(net.numerator, l), cost: money(net.denominator, l) })}</p>
      )}
      {heldOut > 0 && <p>{caused(find(of, "incremental"), percent(heldOut, l))}</p>}
      {even?.value != null && <p>{word(l, "breakEven", { n: fixed(even.value, 2, l) })}</p>}
      {profit?.value != null && <p>{word(l, "profitIs", { share: percent(profit.value, l) })}</p>}
      <p class="note">
        {word(l, "roimsClaim")} {find(of, "incremental")?.insufficient === "no_holdout" && word(l, "roimsHoldout")}
      </p>
    </section>
  );
};

const Staying = ({ of }: { of: Expected }) => {
  const l = lang.value;
  return (
    <p class="note">
      {of.coming.minor === "0"
        ? word(l, "stayingAll")
        : word(l, "staying", { net: money(of.net, l), coming: money(of.coming, l), curve: of.curve })}
    </p>
  );
};

const Commitment = ({ pace }: { pace: Pace | null }) => {
  const l = lang.value;
  return (
    <section aria-labelledby="pace-title">
      <h2 id="pace-title">{word(l, "pace")}</h2>
      {pace === null ? <p class="note">{word(l, "paceNone")}</p> : <PaceView pace={pace} />}
    </section>
  );
};

const PaceView = ({ pace }: { pace: Pace }) => {
  const l = lang.value;
  const part = Math.min(1, Math.max(0, Number(pace.current.minor) / Math.max(1, Number(pace.target.minor))));
  return (
    <>
      <p class="figures">
        <strong>{word(l, "paceSum", { current: money(pace.current, l), target: money(pace.target, l) })}</strong>
      </p>
      <svg class="goal" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <path class="track" d="M 0 4 H 100" />
        <path class="fill" d={`M 0 4 H ${(100 * part).toFixed(1)}`} />
      </svg>
      {pace.hit ? (
        <p>{word(l, "paceHit")}</p>
      ) : (
        <p>
          {pace.probability === null ? (
            whyNoMoney(pace.insufficient, l, "pace")
          ) : (
            <>
              <strong>{wholePercent(pace.probability, l)}</strong> {word(l, "paceOdds")}
            </>
          )}
        </p>
      )}
      {pace.final_lo && pace.final_hi && (
        <p>{word(l, "paceFinal", { lo: money(pace.final_lo, l), hi: money(pace.final_hi, l) })}</p>
      )}
      {pace.run_rate_per_hour && (
        <p>
          {pace.needed_rate_per_hour
            ? word(l, "paceRate", { run: money(pace.run_rate_per_hour, l), needed: money(pace.needed_rate_per_hour, l) })
            : word(l, "paceRateOver", { run: money(pace.run_rate_per_hour, l) })}
        </p>
      )}
      {pace.calibration && <p class="note">{word(l, "paceCalibration", { table: pace.calibration })}</p>}
    </>
  );
};

const Costs = ({ costs }: { costs: readonly Cost[] | null }) => {
  const l = lang.value;
  return (
    <section aria-labelledby="costs-title">
      <h2 id="costs-title">{word(l, "costs")}</h2>
      {!costs?.length && <p class="note">{word(l, costs ? "cost_no_cost" : "cost_unknown")}</p>}
      {costs?.map((c) => (
        <dl class="layers" key={c.currency}>
          <Layer name="costTotal" amount={c.total} />
          <Layer name="costSpend" amount={c.spend} />
          {states(c.commission).map(([name, amount]) => (
            <Layer key={name} name={name} amount={amount} />
          ))}
        </dl>
      ))}
    </section>
  );
};

/** What there is of money owed, in the order in which it comes. */
const states = (s: States): [Word, Money][] =>
  (
    [
      ["stateEstimated", s.estimated],
      ["stateApproved", s.approved],
      ["statePayable", s.payable],
      ["statePaid", s.paid],
      ["stateClawed", s.clawed_back],
    ] as [Word, Money][]
  ).filter(([, amount]) => amount.minor !== "0");

const Deals = ({ deals }: { deals: readonly Deal[] }) => {
  const l = lang.value;
  return (
    <section aria-labelledby="deals-title">
      <h2 id="deals-title">{word(l, "deals")}</h2>
      {deals.length === 0 ? (
        <p class="note">{word(l, "dealsNone")}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="deals-title">
          <table class="deals">
            <thead>
              <tr>
                <th scope="col">{word(l, "dealSeller")}</th>
                <th scope="col">{word(l, "dealRoims")}</th>
                <th scope="col">{word(l, "dealNet")}</th>
                <th scope="col">{word(l, "dealCost")}</th>
                <th scope="col">{word(l, "dealOrders")}</th>
                <th scope="col" class="vanity" title={word(l, "dealActiveWhy")}>
                  {word(l, "dealActive")}
                </th>
              </tr>
            </thead>
            <tbody>{deals.map((d) => <DealRow key={d.esol_id} deal={d} />)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
};

const DealRow = ({ deal }: { deal: Deal }) => {
  const l = lang.value;
  return (
    <tr>
      <th scope="row">
        <a href={href({ page: "esol", id: deal.esol_id })}>{deal.esol_id}</a>
      </th>
      <td>
        {deal.roims?.value != null ? fixed(deal.roims.value, 2, l) : unknown}
        <small>{support(deal.roims)}</small>
      </td>
      <td>{money(deal.net, l)}</td>
      <td>
        {money(deal.cost, l)}
        <small>
          {states(deal.owed)
            .map(([name, amount]) => `${word(l, name)} ${money(amount, l)}`)
            .join(" · ")}
        </small>
      </td>
      <td>
        {count(deal.orders, l)}
        {deal.orders_held > 0 && <small>{word(l, "dealHeld", { n: count(deal.orders_held, l) })}</small>}
      </td>
      <td class="vanity">{count(deal.active_heads, l)}</td>
    </tr>
  );
};
