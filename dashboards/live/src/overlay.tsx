// The overlay of a show for OBS and other browser sources: chosen widgets over nothing. overlay/options.ts has what its address
// may ask for. It asks the feed for what its widgets need, twice a second, and cannot be operated: whoever sees it is a viewer.
import "./overlay.css";
import { effect, signal, type Signal } from "@preact/signals";
import { render } from "preact";
import type { CampaignDoc, ShowDoc } from "./contract";
import { LiveMeter } from "./livemeter";
import { goalOf } from "./overlay/goal";
import { goalFields, options, showFields, type Widget } from "./overlay/options";
import { ageMs, hear, presence, type Hearing, type Presence } from "./overlay/presence";
import { GaugeWidget, GoalWidget, IgnitionWidget } from "./overlay/widgets";
import type { TopicState } from "./reduce";
import { lang, theme } from "./settings";
import { turnedAway } from "./turnedaway";
import { word } from "./words";

const asked = options(location.pathname, location.search);
const maxHz = 2;

// One connection has both: a signed address with a goal opens the show and the campaign.
const url = new URL(asked.signed === "" ? "../v1/feed" : `../v1/feed?${asked.signed}`, location.href);
url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
const meter = new LiveMeter(url.href, undefined, () => turnedAway(url.href, {}));

/** When the feed was last heard to be well. */
const hearing = signal<Hearing>({ beatMs: meter.now.value, heardMs: 0 });
effect(() => {
  const well = meter.link.value.kind === "open" && meter.feed.value === "live";
  hearing.value = hear(hearing.peek(), meter.now.value, well);
});

const wants = (...widgets: Widget[]): boolean => widgets.some((w) => asked.widgets.includes(w));
const source = (topic: string, fields: readonly string[]): Signal<TopicState> => meter.subscribe(topic, maxHz, fields)[0];

const show =
  asked.show !== null && wants("gauge", "ignition") ? source(`show/${asked.show}`, showFields(asked.widgets)) : null;
const campaign = asked.campaign !== null && wants("goal") ? source(`campaign/${asked.campaign}`, goalFields) : null;
meter.open();
addEventListener("online", () => meter.retry());

const presenceOf = (watermark: string | null): Presence => {
  const at = Date.parse(watermark ?? "");
  return presence(ageMs(meter.now.value, hearing.value.heardMs, Number.isNaN(at) ? null : at));
};

const Show = ({ of, widget }: { of: Signal<TopicState>; widget: "gauge" | "ignition" }) => {
  const doc = of.value.doc as ShowDoc | null | undefined; // the topic has no others
  if (doc === undefined || doc?.state === "ended") return null;
  const seen = presenceOf(doc?.watermark ?? null);
  return widget === "gauge" ? (
    <GaugeWidget doc={doc} presence={seen} />
  ) : (
    <IgnitionWidget of={doc?.ignition ?? null} nowMs={meter.now.value} presence={seen} />
  );
};

const Campaign = ({ of }: { of: Signal<TopicState> }) => {
  const doc = of.value.doc as CampaignDoc | null | undefined;
  const goal = doc ? goalOf(doc) : null;
  return goal && <GoalWidget goal={goal} presence={presenceOf(null)} />;
};

const Overlay = () => (
  <main>
    <h1 class="unseen">{word(lang.value, "overlayTitle")}</h1>
    {asked.widgets.map((w) =>
      w === "goal" ? campaign && <Campaign key={w} of={campaign} /> : show && <Show key={w} of={show} widget={w} />,
    )}
  </main>
);

const root = document.documentElement;
if (asked.lang) lang.value = asked.lang;
theme.value = asked.theme;
root.style.fontSize = `${16 * asked.scale}px`; // all lengths are in rem
root.dataset["animate"] = asked.animate ? "1" : "0";
render(<Overlay />, document.getElementById("overlay")!);
