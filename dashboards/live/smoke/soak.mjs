// What hours of watching cost: memory and CPU of the pages must stay flat.
//
//	node smoke/soak.mjs [--seconds 1800] [--hz 4]
//
// Builds and serves ./fake on a port of its own, keeps the board, a show, a campaign and an overlay open in one browser, and
// measures each a dozen times after a garbage collection: heap, DOM nodes, event listeners, seconds of the main thread per second.
// The first third is warming up. Exit 1 if what is left grows. More --hz in less time see the same frames.
//
// Settings: CHROMIUM, the browser (default /usr/bin/chromium).
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "1800" }, hz: { type: "string", default: "4" }, port: { type: "string", default: "18097" } },
});
const [seconds, hz] = [Number(values.seconds), Number(values.hz)];
if (!(seconds >= 30 && hz >= 1)) {
  console.error("expected --seconds of 30 or more, and --hz of 1 or more");
  process.exit(2);
}
const samples = 12;
const base = `http://127.0.0.1:${values.port}`;
const paths = { board: "/#/", show: "/#/show/S42", campaign: "/#/campaign/spring", overlay: "/overlay/S42?campaign=spring" };

/** How much a measure may grow from the second third to the last: by a share of it, and by so much beside. */
const may = { heapKB: [0.1, 300], nodes: [0.05, 40], listeners: [0.05, 4], cpu: [1, 0.1] };

const folder = mkdtempSync(join(tmpdir(), "netsu-soak-"));
const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
execFileSync("go", ["build", "-o", join(folder, "fake"), "./dashboards/live/smoke/fake"], { cwd: root, stdio: "inherit" });
const fake = spawn(join(folder, "fake"), ["-listen", `127.0.0.1:${values.port}`, "-hz", String(hz)], { stdio: "inherit" });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-timer-throttling", "--disable-renderer-backgrounding"],
});
let grown = [];
try {
  grown = await soak();
} finally {
  await browser.close();
  fake.kill();
  rmSync(folder, { recursive: true });
}
if (grown.length > 0) {
  console.error(grown.map((g) => `  ${g}`).join("\n"));
  process.exit(1);
}
console.log(`ok: flat over ${seconds} s at ${hz} Hz`);

async function soak() {
  const watched = await Promise.all(Object.entries(paths).map(([name, path]) => watch(name, path)));
  for (let i = 0; i < samples; i++) {
    await wait((seconds * 1000) / samples);
    for (const w of watched) await measure(w);
  }
  return watched.flatMap(judge);
}

async function watch(name, path) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  for (let tries = 0; ; tries++) {
    try {
      await page.goto(base + path);
      break;
    } catch (e) {
      if (tries === 50) throw e; // the server is starting
      await wait(100);
    }
  }
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable");
  await cdp.send("Network.enable");
  const w = { name, cdp, frames: 0, at: null, measures: [], failures: [] };
  cdp.on("Network.webSocketFrameReceived", () => w.frames++);
  page.on("pageerror", (e) => w.failures.push(`${name}: ${e.message}`));
  await page.reload(); // so that its socket is counted
  return w;
}

async function measure(w) {
  await w.cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await w.cdp.send("Performance.getMetrics");
  const of = Object.fromEntries(metrics.map((m) => [m.name, m.value]));
  const now = { time: of.Timestamp, busy: of.TaskDuration };
  if (w.at !== null)
    w.measures.push({
      heapKB: of.JSHeapUsedSize / 1024,
      nodes: of.Nodes,
      listeners: of.JSEventListeners,
      cpu: (now.busy - w.at.busy) / (now.time - w.at.time),
    });
  w.at = now;
}

function judge(w) {
  const third = Math.floor(w.measures.length / 3);
  const middle = (list, key) => list.map((m) => m[key]).toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
  const { failures } = w;
  const told = [];
  if (w.frames < (seconds * hz) / 2) failures.push(`${w.name}: only ${w.frames} frames came`);
  for (const [key, [share, beside]] of Object.entries(may)) {
    const before = middle(w.measures.slice(third, 2 * third), key);
    const after = middle(w.measures.slice(-third), key);
    told.push(`${key} ${before.toFixed(key === "cpu" ? 3 : 0)} → ${after.toFixed(key === "cpu" ? 3 : 0)}`);
    if (after > before * (1 + share) + beside) failures.push(`${w.name}: ${key} grew from ${before.toFixed(3)} to ${after.toFixed(3)}`);
  }
  console.log(`${w.name}: ${w.frames} frames, ${told.join(", ")}`);
  return failures;
}
