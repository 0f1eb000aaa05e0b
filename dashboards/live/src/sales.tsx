// What was sold: net large, with created and paid beside it. One currency is large; others follow, never added to it.
import type { Gmv, Money, Sales } from "./contract";
import { count, money, unknown } from "./format";
import { Fitted } from "./fitted";
import { lang } from "./settings";
import { word, type Word } from "./words";

/** The currency with the most paid orders leads; amounts of different currencies cannot be compared. */
export const leadFirst = (gmv: readonly Gmv[]): Gmv[] => [...gmv].sort((a, b) => b.orders_paid - a.orders_paid);

export const Layer = ({ name, amount }: { name: Word; amount: Money }) => (
  <div>
    <dt>{word(lang.value, name)}</dt>
    <dd>{money(amount, lang.value)}</dd>
  </div>
);

export const SalesView = ({ sales }: { sales: Sales | null }) => {
  const l = lang.value;
  const [lead, ...others] = leadFirst(sales?.gmv ?? []);
  return (
    <section class="sales" aria-labelledby="sales-title">
      <h2 id="sales-title">{word(l, "gmvNet")}</h2>
      {lead ? (
        <div class="sums" data-watch="gmv">
          <p class="amount">
            <Fitted class="big" text={money(lead.net, l)} />
          </p>
          <dl class="layers">
            <Layer name="created" amount={lead.created} />
            <Layer name="paid" amount={lead.paid} />
            <Layer name="refunded" amount={lead.refunded} />
          </dl>
          {others.map((g) => (
            <div class="other" key={g.currency}>
              <p class="amount small">
                {money(g.net, l)} <span>{word(l, "net")}</span>
              </p>
              <dl class="layers">
                <Layer name="created" amount={g.created} />
                <Layer name="paid" amount={g.paid} />
              </dl>
            </div>
          ))}
        </div>
      ) : (
        <div class="sums" data-watch="gmv">
          <p class="amount">
            <Fitted class="big none" text={unknown} />
          </p>
          <p class="note">{word(l, "noSales")}</p>
        </div>
      )}
    </section>
  );
};

/** Paid orders over all currencies; orders are of one kind whatever they were paid in. */
export const orders = (sales: Sales | null): { paid: string; created: string } => {
  const sum = (f: (g: Gmv) => number): string =>
    sales
      ? count(
          sales.gmv.reduce((n, g) => n + f(g), 0),
          lang.value,
        )
      : unknown;
  return { paid: sum((g) => g.orders_paid), created: sum((g) => g.orders_created) };
};
