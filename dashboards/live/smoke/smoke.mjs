// Smoke test of the live page against a running netsu (or ./fake):
//
//	node smoke/smoke.mjs http://127.0.0.1:PORT [--out DIR]
//
// Opens the board, a show and its seller at two widths, in both languages and themes, and checks: the heat of the show
// and the sales on the board change within 5 s, the show's own sales within 30 s, freshness and state are on the
// screen, the six tiles are there and every "why" opens and closes by keyboard and says something, the keyboard works,
// nothing scrolls sideways, axe finds no violation, and the console stays clean. Likewise the overlay (overlay.mjs).
// Screenshots go to DIR. Exit 1 with one line per failure.
//
// Settings: CHROMIUM, the browser (default /usr/bin/chromium). SHOW, the show to open (default: the one that sells most).
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { overlay } from "./overlay.mjs";

const args = process.argv.slice(2);
const outAt = args.indexOf("--out");
const out = outAt >= 0 ? args.splice(outAt, 2)[1] : undefined;
const base = args[0]?.replace(/\/$/, "");
if (!base || (outAt >= 0 && !out)) {
  console.error("usage: node smoke.mjs http://127.0.0.1:PORT [--out DIR]");
  process.exit(2);
}
if (out) mkdirSync(out, { recursive: true });

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const looks = [
  { lang: "en", theme: "dark" },
  { lang: "ja", theme: "light" },
  { lang: "ja", theme: "dark" },
  { lang: "en", theme: "light" },
];
const tiles = ["sync", "contagion", "trust", "funnel", "flow", "ignition"];
const changeMs = 5000; // within which the heat of a show, and the sales on the board, must have moved
const saleMs = 30_000; // within which the show that sells most must have sold; orders come when they come
const insightMs = 60_000; // within which a show on the air must say what is behind its heat
const loadMs = 20_000; // no claim, only an end: the machine may be busy

const failures = [];
let place = "the start"; // for the message if something throws
const check = (ok, where, what) => {
  if (!ok) failures.push(`${where}: ${what}`);
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

try {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const look of looks) await visit(size, viewport, look);
  }
  await keyboard();
  await everyShow();
  await overlays();
  await thinLine();
} catch (e) {
  failures.push(`stopped at ${place}: ${e.message.split("\n").slice(0, 3).join(" ")}`);
} finally {
  await browser.close();
}

if (failures.length > 0) {
  console.error(`${failures.length} failed\n${failures.map((f) => `  ${f}`).join("\n")}`);
  process.exit(1);
}
console.log("ok: board, show, seller, campaign and overlay, at 2 widths, in 2 languages and 2 themes");

/** A fresh browser profile with the language and theme of the system set, and an ear on everything that goes wrong. */
async function open(viewport, look, where) {
  place = where;
  const context = await browser.newContext({
    viewport,
    locale: look.lang === "ja" ? "ja-JP" : "en-US",
    colorScheme: look.theme,
    reducedMotion: "reduce",
    // Lets axe in, which the page's own policy rightly keeps out. The policy itself is tested in live_test.go, and the
    // keyboard visit below runs under it.
    bypassCSP: where !== "keyboard",
  });
  const page = await context.newPage();
  page.on("console", (m) => {
    if (m.type() === "error" || m.type() === "warning") failures.push(`${where}: console: ${m.text()}`);
  });
  page.on("pageerror", (e) => failures.push(`${where}: error: ${e.message}`));
  page.on("requestfailed", (r) => {
    if (!r.failure()?.errorText.includes("ERR_ABORTED")) failures.push(`${where}: request failed: ${r.url()}`);
  });
  page.on("request", (r) =>
    check(/^(data|blob):/.test(r.url()) || r.url().startsWith(base), where, `asks a stranger: ${r.url()}`),
  );
  return { context, page };
}

async function visit(size, viewport, look) {
  const name = `${size}-${look.lang}-${look.theme}`;
  const { context, page } = await open(viewport, look, name);
  await page.goto(`${base}/#/`);
  const rows = page.locator("a.row:not(.campaign)");
  await rows.first().waitFor({ timeout: loadMs });
  await changes(page, ".sold .amount", changeMs, `board-${name}`);
  await inspect(page, `board-${name}`, look);

  const target = process.env.SHOW ? `#/show/${encodeURIComponent(process.env.SHOW)}` : await busiest(rows);
  await page.goto(`${base}/${target}`);
  await page.locator("[data-watch=heat]").waitFor({ timeout: loadMs });
  await changes(page, "[data-watch=heat]", changeMs, `show-${name}`);
  await changes(page, "[data-watch=gmv]", saleMs, `show-${name}`);
  await inspect(page, `show-${name}`, look);
  await whys(page, name, look);

  await campaign(page, name, look);
  await page.goto(`${base}/${target}`);
  await page.locator("[data-watch=heat]").waitFor({ timeout: loadMs });

  const seller = page.locator('.title .meta a[href^="#/esol/"]');
  if ((await seller.count()) > 0) {
    await seller.click();
    // The show's heat is still there until the route has changed and the seller's document has come; what is missing after
    // that, inspect says.
    await page
      .waitForFunction(
        () =>
          location.hash.startsWith("#/esol/") &&
          /\d/.test(document.querySelector(".status .fresh")?.textContent ?? ""),
        null,
        { timeout: loadMs },
      )
      .catch(() => {});
    await page.locator("[data-watch=heat]").waitFor({ timeout: loadMs });
    await inspect(page, `esol-${name}`, look);
  }
  await context.close();
}

/**
 * The campaign that the board names first: what its money returned, what it owes, its sellers in a table, and where more
 * would go, asked by keyboard.
 */
async function campaign(page, name, look) {
  await page.goto(`${base}/#/`);
  const link = page.locator("a.campaign").first();
  await link.waitFor({ timeout: saleMs });
  await link.click();
  for (const part of ["#roims-title", "#pace-title", "#costs-title", ".deals tbody tr"])
    await page.locator(part).first().waitFor({ timeout: loadMs });
  const budget = page.locator("#advice-budget");
  await budget.pressSequentially("l500"); // no shortcut while it is typed, and no amount
  await budget.press("Enter");
  await page.locator("#advice-budget[aria-invalid=true]").waitFor({ timeout: loadMs });
  check((await budget.inputValue()) === "l500", `campaign-${name}`, "typing into the budget presses a shortcut");
  await budget.fill("500");
  await budget.press("Enter");
  await page.locator("#advice-said tbody tr").first().waitFor({ timeout: loadMs });
  await corrections(page, `campaign-${name}`);
  await inspect(page, `campaign-${name}`, look);
}

/** What was corrected is folded away, and unfolds by keyboard into sentences with amounts. */
async function corrections(page, where) {
  const summary = page.locator(".corrections summary");
  await summary.waitFor({ timeout: saleMs });
  check(!(await page.locator(".corrections li").first().isVisible()), where, "corrections are not folded away");
  await summary.focus();
  await page.keyboard.press("Enter");
  const said = await page.locator(".corrections li").first().innerText({ timeout: changeMs }).catch(() => "");
  check(/\d/.test(said) && said.length > 15, where, `a correction says ${JSON.stringify(said)}`);
}

/** The tiles are there, and each "why", the heat's too, opens by keyboard, says something, and closes again. */
async function whys(page, name, look) {
  const where = `why-${name}`;
  place = where;
  await page
    .locator("[data-tile]")
    .first()
    .waitFor({ timeout: insightMs })
    .catch(() => {});
  for (const tile of tiles) {
    const said = await page
      .locator(`[data-tile=${tile}]`)
      .innerText({ timeout: 1000 })
      .catch(() => "");
    check(
      said.split("\n").filter((line) => line.trim() !== "").length >= 4,
      where,
      `tile ${tile}: ${JSON.stringify(said)}`,
    );
  }
  const buttons = page.locator(".whybutton");
  check((await buttons.count()) === tiles.length + 1, where, `${await buttons.count()} whys of ${tiles.length + 1}`);
  await page.locator("#main").focus();
  for (let i = 0; i < 40 && !(await focusIs(page, ".whybutton")); i++) await page.keyboard.press("Tab");
  check(await focusIs(page, ".whybutton"), where, "Tab does not reach a why");
  for (const what of ["heat", ...tiles]) {
    await page.locator(`[aria-controls=why-${what}]`).focus();
    await page.keyboard.press("Enter");
    const panel = page.locator(`[data-why=${what}]`);
    const said = await panel.innerText({ timeout: changeMs }).catch(() => "");
    check(said.length > 40, where, `why ${what} says ${JSON.stringify(said)}`);
    check(
      await focusIs(page, `[aria-controls=why-${what}][aria-expanded=true]`),
      where,
      `why ${what} lost the focus`,
    );
  }
  await inspect(page, where, look);
  for (const what of ["heat", ...tiles]) {
    await page.locator(`[aria-controls=why-${what}]`).focus();
    await page.keyboard.press("Space");
    await page
      .locator(`[data-why=${what}]`)
      .waitFor({ state: "detached", timeout: changeMs })
      .catch(() => {});
  }
  check((await page.locator("[data-why]").count()) === 0, where, "a why did not close");
}

function focusIs(page, selector) {
  return page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector);
}

/** The show that sells most: the one whose sales can be expected to move while we look. */
function busiest(rows) {
  return rows.evaluateAll((all) =>
    all.toSorted((a, b) => Number(b.dataset.orders) - Number(a.dataset.orders))[0].getAttribute("href"),
  );
}

/** Polls until the text of what a selector finds is another. */
async function changes(page, selector, ms, where) {
  const text = async () => (await page.locator(selector).allInnerTexts()).join(" | ");
  const before = await text();
  for (const until = Date.now() + ms; Date.now() < until; await page.waitForTimeout(100)) {
    if ((await text()) !== before) return;
  }
  failures.push(`${where}: ${selector} did not change in ${ms / 1000} s: ${JSON.stringify(before)}`);
}

/** What must hold on every page. */
async function inspect(page, where, look) {
  const seen = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    theme: document.documentElement.dataset.theme,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    status: document.querySelector("[data-status]")?.getAttribute("data-status") ?? "",
    fresh: document.querySelector(".status .fresh")?.textContent ?? "",
    missing: /undefined|NaN|\[object/.exec(document.body.innerText)?.[0] ?? "",
  }));
  check(seen.lang === look.lang, where, `lang is ${seen.lang}, expected ${look.lang}`);
  check(seen.theme === look.theme, where, `theme is ${seen.theme}, expected ${look.theme}`);
  check(seen.wide <= 0, where, `scrolls sideways by ${seen.wide} px`);
  check(seen.status !== "", where, "says nothing of its state");
  // Of a campaign there is none: money is never late. It says as of when it is.
  if (!where.startsWith("campaign-"))
    check(seen.status === "ended" || /\d/.test(seen.fresh), where, `says no freshness: ${JSON.stringify(seen.fresh)}`);
  check(seen.missing === "", where, `shows "${seen.missing}"`);
  if (out) await page.screenshot({ path: join(out, `${where}.png`), fullPage: true });

  await accessible(page, where);
}

/** axe finds nothing. */
async function accessible(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const v of violations) {
    failures.push(
      `${where}: axe ${v.id}: ${v.help} (${v.nodes
        .map((n) => n.target.join(" "))
        .slice(0, 3)
        .join(", ")})`,
    );
  }
}

/**
 * Over 1 Mbit/s and 150 ms the show that sells most is on the screen within seconds, and what it is then sent is a small part of the
 * line. The browser does not slow websockets down, so their bytes are counted.
 */
async function thinLine() {
  const { context, page } = await open(sizes.desktop, looks[0], "1 Mbit/s");
  const bytesPerSecond = 1e6 / 8;
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  const line = { offline: false, latency: 150, downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond };
  await cdp.send("Network.emulateNetworkConditions", line);
  let bytes = 0;
  cdp.on("Network.webSocketFrameReceived", ({ response }) => (bytes += Buffer.byteLength(response.payloadData)));
  const from = Date.now();
  await page.goto(`${base}/#/`);
  const rows = page.locator("a.row:not(.campaign)");
  await rows.first().waitFor({ timeout: loadMs });
  const usableMs = Date.now() - from;
  check(usableMs < 8000, "1 Mbit/s", `the board takes ${usableMs} ms`);
  await page.goto(`${base}/${await busiest(rows)}`);
  await page.locator("[data-watch=heat]").waitFor({ timeout: loadMs });
  bytes = 0;
  const seconds = 10;
  await page.waitForTimeout(seconds * 1000);
  const share = bytes / seconds / bytesPerSecond;
  check(bytes > 0 && share < 0.5, "1 Mbit/s", `a show takes ${(100 * share).toFixed(0)} % of the line`);
  console.log(`over 1 Mbit/s: the board after ${usableMs} ms, a show at ${(bytes / seconds / 1024).toFixed(1)} KiB/s`);
  await context.close();
}

/** The overlays of the show that sells most, with the goal of the campaign that the board names first. */
async function overlays() {
  const { context, page } = await open(sizes.desktop, looks[0], "overlay");
  await page.goto(`${base}/#/`);
  const rows = page.locator("a.row:not(.campaign)");
  await rows.first().waitFor({ timeout: loadMs });
  const idOf = (href) => decodeURIComponent(href.split("/").at(-1));
  const show = process.env.SHOW ?? idOf(await busiest(rows));
  const campaign = idOf(await page.locator("a.campaign").first().getAttribute("href", { timeout: saleMs }));
  await context.close();
  await overlay({ base, show, campaign, looks, out, loadMs, open, check, accessible });
}

/** Every show on the board fits a phone, whatever its currencies and names. */
async function everyShow() {
  const { context, page } = await open(sizes.phone, looks[0], "every show");
  await page.goto(`${base}/#/`);
  await page.locator("a.row:not(.campaign)").first().waitFor({ timeout: loadMs });
  const links = await page
    .locator("a.row:not(.campaign)")
    .evaluateAll((rows) => rows.map((r) => r.getAttribute("href")));
  for (const link of links.slice(0, 20)) {
    await page.goto(`${base}/${link}`);
    await page.locator("[data-watch=heat]").waitFor({ timeout: loadMs });
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    check(wide <= 0, link, `scrolls sideways by ${wide} px on a phone`);
    for (const why of await page.locator(".whybutton").all()) await why.press("Enter");
    const open = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      missing: /undefined|NaN|\[object/.exec(document.body.innerText)?.[0] ?? "",
    }));
    check(open.wide <= 0, link, `scrolls sideways by ${open.wide} px on a phone with every why open`);
    check(open.missing === "", link, `shows "${open.missing}"`);
  }
  await context.close();
}

/** Through the page by keys alone, under the page's own content security policy. */
async function keyboard() {
  const { context, page } = await open(sizes.desktop, looks[0], "keyboard");
  await page.goto(`${base}/#/`);
  await page.locator("a.row").first().waitFor({ timeout: loadMs });
  const soon = async (what, f, arg) => {
    const came = await page.waitForFunction(f, arg, { timeout: changeMs }).catch(() => null);
    check(came !== null, "keyboard", what);
  };
  await page.keyboard.press("j");
  await soon("j did not reach the first row", () => document.activeElement === document.querySelector("a.row"));
  await page.keyboard.press("Enter");
  await page.locator("[data-watch=heat]").waitFor({ timeout: loadMs });
  await page.keyboard.press("l");
  await soon("l did not change the language", () => document.documentElement.lang === "ja");
  await page.keyboard.press("t");
  await soon("t did not change the theme", () => document.documentElement.dataset.theme === "light");
  const kept = (key) => page.evaluate((k) => localStorage.getItem(k), key);
  await page.keyboard.press("s");
  await page.locator("[data-alerting=sound]").waitFor({ timeout: changeMs });
  check((await kept("netsu.alerting")) === "sound", "keyboard", "s is not kept");
  await page.keyboard.press("s");
  await page.locator("[data-alerting=muted]").waitFor({ timeout: changeMs });
  await page.keyboard.press("m");
  await page.locator("[data-mute=on]").waitFor({ timeout: changeMs });
  check(JSON.parse(await kept("netsu.muted")).length === 1, "keyboard", "m is not kept");
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await soon("g e did not go to the seller", () => location.hash.startsWith("#/esol/"));
  await page.goBack();
  await page.locator("[data-mute=on]").waitFor({ timeout: loadMs });
  await page.keyboard.press("?");
  await soon("? did not open the help", () => document.querySelector("dialog").open);
  await page.keyboard.press("Escape");
  await soon("Esc did not close the help", () => !document.querySelector("dialog").open);
  await page.keyboard.press("Escape");
  await soon("Esc did not go back to the board", () => document.querySelector("a.row") !== null);
  // A key that comes after the dialog has gone and before its close event, which is a task of its own.
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.locator("[data-watch=heat]").waitFor({ timeout: loadMs });
  await page.keyboard.press("?");
  await soon("? did not open the help again", () => document.querySelector("dialog").open);
  await page.evaluate(() => {
    document.querySelector("dialog").close();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  });
  await soon("a key just after the help has closed was lost", () => document.querySelector("a.row") !== null);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.locator("[data-watch=heat]").waitFor({ timeout: loadMs });
  await page.keyboard.press("g");
  await page.keyboard.press("b");
  await soon("g b did not go to the board", () => document.querySelector("a.row") !== null);
  await page.keyboard.press("?");
  await page.locator("dialog input").press("Space");
  await page.keyboard.press("Escape");
  await soon("Esc did not close the help", () => !document.querySelector("dialog").open);
  await page.keyboard.press("l");
  await page.waitForTimeout(300); // that nothing happens can only be waited for
  check((await page.evaluate(() => document.documentElement.lang)) === "ja", "keyboard", "a letter that is switched off is a shortcut");
  await context.close();
}
