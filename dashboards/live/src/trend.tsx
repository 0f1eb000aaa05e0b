// The last ten minutes of heat with its interval, and what the seller did in them: pins and calls to action.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Mark, TrendPoint } from "./contract";
import { fixed } from "./format";
import { columns } from "./points";
import { lang, theme, type Lang } from "./settings";
import { word } from "./words";

const windowSeconds = 600;

interface Props {
  points: readonly TrendPoint[];
  marks: readonly Mark[];
  watermark: string | null;
}

export const Trend = ({ points, marks, watermark }: Props) => {
  const l = lang.value;
  const dark = theme.value;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const shown = useRef<Shown>({ marks, end: 0 });
  shown.current = { marks, end: endOf(points, watermark) };

  useEffect(() => {
    const host = box.current;
    if (!host) return;
    const made = new uPlot(options(host, l, shown), columns(points), host);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: host.clientWidth, height: host.clientHeight }));
    resized.observe(host);
    return () => {
      resized.disconnect();
      made.destroy();
      plot.current = undefined;
    };
    // A theme or language gives new colours and labels, which a plot takes at birth only.
  }, [l, dark]);

  useEffect(() => {
    plot.current?.setData(columns(points));
  }, [points, marks, watermark]);

  return (
    <section class="trend" aria-labelledby="trend-title">
      <h2 id="trend-title">{word(l, "trend")}</h2>
      <p class="legend" aria-hidden="true">
        <span class="key line">{word(l, "trendHeat")}</span>
        <span class="key band">{word(l, "trendBand")}</span>
        <span class="key pin">{word(l, "pin")}</span>
        <span class="key call">{word(l, "call")}</span>
      </p>
      <div class="plot" ref={box} role="img" aria-label={alternative(points, marks, l)} />
      {points.length === 0 && <p class="note">{word(l, "trendNone")}</p>}
    </section>
  );
};

interface Shown {
  marks: readonly Mark[];
  end: number;
}

/** The right edge: the watermark, or the last point where there is none. In seconds. */
const endOf = (points: readonly TrendPoint[], watermark: string | null): number => {
  const last = points.at(-1)?.at;
  const at = Date.parse(watermark ?? last ?? "");
  return Number.isNaN(at) ? Date.now() / 1000 : at / 1000;
};

const alternative = (points: readonly TrendPoint[], marks: readonly Mark[], l: Lang): string => {
  const known = points.flatMap((p) => (p.gauge === null ? [] : [p.gauge]));
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return word(l, "trendNone");
  const say = (n: number): string => fixed(n, 0, l);
  const line = word(l, "trendAlt", {
    first: say(first),
    last: say(last),
    min: say(Math.min(...known)),
    max: say(Math.max(...known)),
  });
  const of = (kind: string): number => marks.filter((m) => m.kind === kind).length;
  return `${line} ${word(l, "pin")}: ${of("pin")}. ${word(l, "call")}: ${of("call")}.`;
};

const options = (host: HTMLElement, l: Lang, shown: { current: Shown }): uPlot.Options => {
  const css = getComputedStyle(host);
  const colour = (name: string): string => css.getPropertyValue(name).trim();
  const font = `12px ${css.fontFamily}`;
  const axis = { stroke: colour("--muted"), font, ticks: { show: false } };
  const hours = new Intl.DateTimeFormat(l === "ja" ? "ja-JP" : "en-US", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return {
    width: host.clientWidth,
    height: host.clientHeight,
    padding: [14, 22, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { time: true, range: () => [shown.current.end - windowSeconds, shown.current.end] },
      y: { range: [0, 100] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        grid: { show: false },
        space: 80,
        values: (_, at) => at.map((t) => hours.format(t * 1000)),
      },
      { ...axis, size: 36, splits: () => [0, 25, 50, 75, 100], grid: { stroke: colour("--hair"), width: 1 } },
    ],
    series: [
      {},
      { stroke: colour("--ink"), width: 2.5, points: { show: points } },
      { stroke: "transparent", points: { show: false } },
      { stroke: "transparent", points: { show: false } },
    ],
    bands: [{ series: [3, 2], fill: colour("--band") }],
    hooks: { draw: [(u) => drawMarks(u, shown.current.marks, colour("--pin"), colour("--call"))] },
  };
};

/** A point with no neighbour has no line to show it. */
const points: uPlot.Series.Points.Show = (u, series, from, to) => to - from < 2 && u.data[series] !== undefined;

const drawMarks = (u: uPlot, marks: readonly Mark[], pin: string, call: string): void => {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const unit = devicePixelRatio;
  ctx.save();
  for (const m of marks) {
    const x = Math.round(u.valToPos(Date.parse(m.at) / 1000, "x", true));
    if (!(x >= left && x <= left + width)) continue;
    ctx.strokeStyle = ctx.fillStyle = m.kind === "pin" ? pin : call;
    ctx.lineWidth = unit;
    ctx.setLineDash(m.kind === "pin" ? [] : [3 * unit, 3 * unit]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    drawHead(ctx, m.kind, x, top - 5 * unit, 5 * unit);
  }
  ctx.restore();
};

/** A square for a pin, a triangle for a call: told apart without colour. */
const drawHead = (ctx: CanvasRenderingContext2D, kind: string, x: number, y: number, r: number): void => {
  ctx.beginPath();
  if (kind === "pin") ctx.rect(x - r + 1, y - r + 1, 2 * r - 2, 2 * r - 2);
  else {
    ctx.moveTo(x - r, y - r);
    ctx.lineTo(x + r, y - r);
    ctx.lineTo(x, y + r);
  }
  ctx.fill();
};
