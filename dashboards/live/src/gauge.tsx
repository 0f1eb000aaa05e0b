// The heat gauge: an arc from 0 to 100 with ticks at the quartiles of the reference, the 95 % interval as a band, and
// the number in the middle, large enough for two metres. It steps at the rate of the feed and never animates.
import type { Gauged } from "./contract";
import { fixed, unknown } from "./format";
import { level, spokenHeat, type Nothing } from "./heat";
import { lang } from "./settings";
import { word } from "./words";

const centre = { x: 200, y: 186 };
const radius = 164;
const sweep = 240; // degrees, symmetric about the top

/** Where a gauge value lies on a circle of the given radius. */
const at = (gauge: number, r: number): string => {
  const clamped = Math.min(100, Math.max(0, gauge));
  const angle = ((clamped / 100) * sweep - 90 - sweep / 2) * (Math.PI / 180);
  return `${(centre.x + r * Math.cos(angle)).toFixed(2)} ${(centre.y + r * Math.sin(angle)).toFixed(2)}`;
};

const arc = (from: number, to: number, r: number): string => {
  const large = ((to - from) / 100) * sweep > 180 ? 1 : 0;
  return `M ${at(from, r)} A ${r} ${r} 0 ${large} 1 ${at(to, r)}`;
};

const spoke = (gauge: number, inner: number, outer: number): string => `M ${at(gauge, inner)} L ${at(gauge, outer)}`;

interface Props {
  heat: Gauged | null;
  nothing: Nothing;
  /** The value that can no longer change, drawn as a notch; null: none (yet). */
  final: number | null;
  provisional: boolean;
}

export const Gauge = ({ heat, nothing, final, provisional }: Props) => {
  const l = lang.value;
  const spoken = spokenHeat(heat, nothing, provisional, l);
  const gauge = heat?.gauge ?? null;
  if (!heat || gauge === null) {
    return (
      <svg class="gauge" viewBox="0 0 400 300" role="img" aria-label={`${word(l, "heat")}: ${spoken}`}>
        <path class="track unknown" d={arc(0, 100, radius)} />
        <text class="number unknown" x={centre.x} y={centre.y + 34}>
          {unknown}
        </text>
        <text class="level unknown" x={centre.x} y={centre.y + 92}>
          {word(l, "notYet")}
        </text>
      </svg>
    );
  }
  return (
    <svg
      class={`gauge ${level(gauge)}`}
      viewBox="0 0 400 300"
      role="meter"
      aria-label={word(l, "heat")}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(gauge)}
      aria-valuetext={spoken}
    >
      <path class="track" d={arc(0, 100, radius)} />
      {heat.gauge_lo !== null && heat.gauge_hi !== null && (
        <path class="band" d={arc(heat.gauge_lo, heat.gauge_hi, radius)} />
      )}
      <path class={provisional ? "fill provisional" : "fill"} d={arc(0, gauge, radius)} />
      {[25, 50, 75].map((q) => (
        <path key={q} class="quartile" d={spoke(q, radius - 22, radius - 15)} />
      ))}
      {final !== null && <path class="final" d={spoke(final, radius + 14, radius + 24)} />}
      <path class="needle" d={spoke(gauge, radius - 14, radius + 14)} />
      <text class="number" x={centre.x} y={centre.y + 34}>
        {fixed(gauge, 0, l)}
      </text>
      <text class="level" x={centre.x} y={centre.y + 92}>
        {word(l, level(gauge))}
      </text>
    </svg>
  );
};

/** The same on one line, for a row of the board. Decoration: the row's text says it all. */
export const Strip = ({ heat }: { heat: Gauged }) => {
  if (heat.gauge === null) {
    return (
      <svg class="strip" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <path class="track unknown" d="M 0 4 H 100" />
      </svg>
    );
  }
  return (
    <svg class={`strip ${level(heat.gauge)}`} viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <path class="track" d="M 0 4 H 100" />
      {heat.gauge_lo !== null && heat.gauge_hi !== null && (
        <path class="band" d={`M ${heat.gauge_lo} 4 H ${heat.gauge_hi}`} />
      )}
      <path class="fill" d={`M 0 4 H ${heat.gauge}`} />
    </svg>
  );
};
