// Small pieces that more than one page uses.
import type { ComponentChildren } from "preact";
import type { Gauged } from "./contract";
import { count, elapsed, fixed, unknown } from "./format";
import { Fitted } from "./fitted";
import { Gauge } from "./gauge";
import { gradeText, intervalText, whyNot, type Nothing } from "./heat";
import { lang } from "./settings";
import { word } from "./words";

interface StatProps {
  name: string;
  value: string;
  unit?: string;
  children?: ComponentChildren;
}

/** A calm number: its name, itself with its unit, and a line of context. */
export const Stat = ({ name, value, unit = "", children }: StatProps) => (
  <div class="stat">
    <dt>{name}</dt>
    <dd>
      <Fitted class="value" text={value} unit={value === unknown ? "" : unit} />
      {children !== undefined && <span class="context">{children}</span>}
    </dd>
  </div>
);

interface HeatProps {
  heat: Gauged | null;
  nothing: Nothing;
  final: number | null;
  provisional: boolean;
  viewers: number | null;
  children: ComponentChildren; // the lines under the gauge
}

/** The one big number, what supports it, and the physical quantities that it comes from. */
export const HeatSection = ({ heat, nothing, final, provisional, viewers, children }: HeatProps) => {
  const l = lang.value;
  const digits = (n: number | null | undefined): string => (n === null || n === undefined ? unknown : fixed(n, 2, l));
  return (
    <section class="heat" aria-labelledby="heat-title" data-watch="heat">
      <h2 id="heat-title">{word(l, "heat")}</h2>
      <Gauge heat={heat} nothing={nothing} final={final} provisional={provisional} />
      <div class="support">
        {!heat || heat.gauge === null ? (
          <p>{whyNot(heat, nothing, l)}</p>
        ) : (
          <p>
            {[intervalText(heat, l, "intervalShort"), gradeText(heat.grade, l)].filter((t) => t !== "").join(" · ")}
          </p>
        )}
        {children}
      </div>
      <dl class="stats three">
        <Stat name={word(l, "temperature")} value={digits(heat?.temperature_j_per_head)} unit={word(l, "perHead")} />
        <Stat name={word(l, "power")} value={digits(heat?.power_watts)} unit={word(l, "watts")} />
        <Stat name={word(l, "active")} value={heat ? count(heat.active_heads, l) : unknown}>
          {viewers === null ? word(l, "active5") : word(l, "viewers", { n: count(viewers, l) })}
        </Stat>
      </dl>
    </section>
  );
};

/** How long a show has been on, by its own time: up to its watermark, so that a replay tells the show's length too. */
export const OnAirFor = ({ since, until }: { since: string | null; until: string | null }) => {
  const ms = Date.parse(until ?? "") - Date.parse(since ?? "");
  if (Number.isNaN(ms)) return null;
  return <span class="onair">{word(lang.value, "onAirFor", { time: elapsed(ms) })}</span>;
};
