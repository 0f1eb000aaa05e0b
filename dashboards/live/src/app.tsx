// The frame around the pages: the bar, the keys, and which page it is.
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { render } from "preact";
import { effect } from "@preact/signals";
import { takeAccess } from "./access";
import { alerting, followAlerting, nextAlerting, pageTitle, type Alerting } from "./alerting";
import { Board } from "./board";
import { BrandPage } from "./brand";
import { Refused } from "./accessview";
import { CampaignPage } from "./campaign";
import { EsolPage } from "./esol";
import { Help } from "./help";
import { followKeys } from "./keys";
import { meter } from "./meter";
import { followAddress, href, route } from "./route";
import { lang, theme, toggleLang, toggleTheme } from "./settings";
import { ShowPage } from "./show";
import { audible } from "./sound";
import { Speech } from "./speech";
import { word, type Word } from "./words";
import { helpOpen } from "./help";

const Page = () => {
  const r = route.value;
  switch (r.page) {
    case "board":
      return <Board />;
    case "show":
      return <ShowPage key={r.id} id={r.id} />;
    case "esol":
      return <EsolPage key={r.id} id={r.id} />;
    case "campaign":
      return <CampaignPage key={r.id} id={r.id} />;
    case "brand":
      return <BrandPage key={r.id} id={r.id} />;
  }
};

const Bar = () => {
  const l = lang.value;
  return (
    <header class="bar">
      <a class="skip" href="#main" onClick={skip}>
        {word(l, "skip")}
      </a>
      <nav aria-label="Netsu">
        {route.value.page === "board" ? (
          <span class="brand">
            Netsu <span lang="ja">熱</span>
          </span>
        ) : (
          <a class="back" href={href({ page: "board" })}>
            <span aria-hidden="true">←</span> {word(l, "back")}
          </a>
        )}
      </nav>
      <div class="tools">
        <AlertingButton />
        <button
          type="button"
          class="quiet"
          lang={l === "ja" ? "en" : "ja"}
          aria-label={word(l, "toLangLabel")}
          onClick={toggleLang}
        >
          {word(l, "toLang")}
        </button>
        <button type="button" class="quiet" onClick={toggleTheme}>
          {word(l, theme.value === "dark" ? "toLight" : "toDark")}
        </button>
        <button type="button" class="quiet wide" aria-haspopup="dialog" onClick={() => (helpOpen.value = true)}>
          {word(l, "help")} <kbd aria-hidden="true">?</kbd>
        </button>
      </div>
    </header>
  );
};

const alertingWords: Record<Alerting, Word> = {
  title: "alertingTitle",
  sound: "alertingSound",
  muted: "alertingMuted",
};

const AlertingButton = () => {
  const waits = alerting.value === "sound" && !audible.value;
  return (
    <button type="button" class="quiet" data-alerting={alerting.value} onClick={nextAlerting}>
      {word(lang.value, waits ? "alertingWaits" : alertingWords[alerting.value])}
    </button>
  );
};

/** The address holds the route, so a skip link cannot be a mere anchor. */
const skip = (e: Event): void => {
  e.preventDefault();
  document.getElementById("main")?.focus();
};

const App = () => (
  <>
    <Bar />
    <Refused />
    <Page />
    <Help />
    <Speech />
  </>
);

takeAccess();
followAddress();
followKeys();
meter.open();
addEventListener("online", () => meter.retry());
effect(() => {
  const r = route.value;
  pageTitle.value = r.page === "board" ? `${word(lang.value, "board")} – Netsu` : `${r.id} – Netsu`;
});
followAlerting();
render(<App />, document.getElementById("app")!);
