// The widgets of an overlay. Each is a plate with its text on it, so that it can be read over any picture; none moves unless
// asked, and none flashes.
import type { Ignition, ShowDoc } from "../contract";
import { underWay } from "../faces";
import { count, elapsed, fixed, money, unknown, wholePercent } from "../format";
import { level } from "../heat";
import { lang } from "../settings";
import { word } from "../words";
import { filled, type Goal } from "./goal";
import type { Presence } from "./presence";

const arc = "M 28.7 129 A 74 74 0 1 1 156.9 129"; // 240 degrees about 92.8, 92

/** The heat of the room as of now, which may still change; else the last that can not. Doc null: the show is not known yet. */
export const GaugeWidget = ({ doc, presence }: { doc: ShowDoc | null; presence: Presence }) => {
  const l = lang.value;
  const latest = doc?.room?.provisional ?? doc?.room?.final ?? null;
  const gauge = latest?.heat?.gauge ?? null;
  const known = gauge === null ? "unknown" : level(gauge);
  const says = word(l, gauge === null ? "notYet" : level(gauge));
  const number = gauge === null ? unknown : fixed(gauge, 0, l);
  return (
    <section class={`plate heat ${known} is-${presence}`} data-widget="gauge" aria-label={word(l, "heat")}>
      <svg viewBox="0 0 185.6 140" role="img" aria-label={`${number} ${word(l, "heatOf100")}, ${says}`}>
        <path class="track" d={arc} />
        {gauge !== null && (
          <path class="fill" d={arc} pathLength={100} stroke-dasharray={`${Math.min(100, Math.max(0, gauge)).toFixed(1)} 200`} />
        )}
        <text class="number" x="92.8" y="108">
          {number}
        </text>
      </svg>
      <div>
        <p class="name">{word(l, "heat")}</p>
        <p class="level">{says}</p>
      </div>
    </section>
  );
};

/** Nothing where nothing was committed to: an empty bar would claim a goal. */
export const GoalWidget = ({ goal, presence }: { goal: Goal; presence: Presence }) => {
  const l = lang.value;
  return (
    <section class={`plate goal is-${presence}`} data-widget="goal" aria-label={word(l, "overlayGoal")}>
      <p class="line">
        <span class="name">{word(l, "overlayGoal")}</span>
        <strong>{goal.hit ? word(l, "overlayHit") : wholePercent(goal.percent / 100, l)}</strong>
      </p>
      <div class="rail">
        <div class="part" style={{ width: `${filled(goal)}%` }} />
      </div>
      <p class="amounts">
        <strong>{money(goal.current, l)}</strong> <span>/ {money(goal.target, l)}</span>
      </p>
    </section>
  );
};

/** The time left to stoke the next level. Without an ignition its place is kept, so that its neighbours stay where they are. */
export const IgnitionWidget = ({ of, nowMs, presence }: { of: Ignition | null; nowMs: number; presence: Presence }) => {
  const l = lang.value;
  const on = of !== null && underWay(of, nowMs);
  return (
    <section
      class={`plate ignition is-${on ? presence : "gone"}`}
      data-widget="ignition"
      aria-label={word(l, "ignition")}
    >
      <p class="line">
        <span class="name">
          {word(l, "ignition")}
          {on && ` · ${word(l, "ignitionLevel", { n: count(of.level, l) })}`}
        </span>
        <strong class="timer">{on && of.expires_at !== null ? elapsed(Date.parse(of.expires_at) - nowMs) : unknown}</strong>
      </p>
      <p class="amounts">
        {on ? word(l, "ignitionSays", { people: count(of.people, l), goal: count(of.goal, l) }) : unknown}
      </p>
    </section>
  );
};
