// The overlay in a browser: what must hold over any picture. smoke.mjs calls it.
import { join } from "node:path";

const screen = { width: 1920, height: 1080 };
const widgets = ["gauge", "goal", "ignition"];

/**
 * The overlay of a show and of a campaign's goal, in each language and theme. open, check and accessible are smoke.mjs's.
 */
export async function overlay({ base, show, campaign, looks, out, loadMs, open, check, accessible }) {
  for (const look of looks) {
    const where = `overlay-${look.lang}-${look.theme}`;
    const { context, page } = await open(screen, look, where);
    const address = new URL(`${base}/overlay/${encodeURIComponent(show)}`);
    address.search = new URLSearchParams({ ...look, campaign, widgets: widgets.join() }).toString();
    await page.goto(address.href);
    for (const w of ["gauge", "goal"])
      await page.locator(`[data-widget=${w}].is-shown`).waitFor({ timeout: loadMs });
    check((await page.locator("[data-widget=ignition]").count()) === 1, where, "has no place for the ignition");
    const seen = await page.evaluate(() => ({
      lang: document.documentElement.lang,
      theme: document.documentElement.dataset.theme,
      order: [...document.querySelectorAll("[data-widget]")].map((w) => w.dataset.widget).join(),
      scrolls: [document.documentElement, document.body].some((e) => e.scrollWidth > innerWidth || e.scrollHeight > innerHeight),
      focusable: document.querySelectorAll("a, button, input, [tabindex]").length,
      moves: document.getAnimations().length + [...document.querySelectorAll("*")].filter((e) => !/^(0s(, )?)+$/.test(getComputedStyle(e).transitionDuration)).length,
      missing: /undefined|NaN|\[object|null/.exec(document.body.innerText)?.[0] ?? "",
    }));
    check(seen.lang === look.lang && seen.theme === look.theme, where, `looks ${seen.lang} ${seen.theme}`);
    check(seen.order === widgets.join(), where, `shows ${seen.order}`);
    check(!seen.scrolls, where, "scrolls");
    check(seen.focusable === 0, where, `has ${seen.focusable} elements to operate`);
    check(seen.moves === 0, where, `${seen.moves} elements move without having been asked`);
    check(seen.missing === "", where, `shows "${seen.missing}"`);
    const picture = await page.screenshot({ omitBackground: true, ...(out && { path: join(out, `${where}.png`) }) });
    const box = await page.locator("[data-widget=gauge]").boundingBox();
    const places = [[0, 0], [screen.width - 1, 0], [0, screen.height - 1], [screen.width - 1, screen.height - 1]];
    const alphas = await alphaOf(page, picture, [...places, [box.x + box.width - 12, box.y + box.height / 2]]);
    check(alphas.slice(0, 4).every((a) => a === 0), where, `corners have alpha ${alphas.slice(0, 4)}, expected 0`);
    check(alphas[4] > 180, where, `a plate has alpha ${alphas[4]}: nothing can be read over a picture`);
    await accessible(page, where);
    await context.close();
  }
  await unknown({ base, looks, loadMs, open, check });
  await asked({ base, show, campaign, looks, loadMs, open, check });
}

/** A show that nobody knows has a gauge without a number, and no goal: nothing is invented. */
async function unknown({ base, looks, loadMs, open, check }) {
  const { context, page } = await open(screen, looks[0], "overlay-unknown");
  await page.goto(`${base}/overlay/${encodeURIComponent("there is/none 🫥")}?campaign=none`);
  await page.locator("[data-widget=gauge]").waitFor({ timeout: loadMs });
  const text = await page.locator("main").innerText();
  check(!/\d/.test(text) && text.includes("–"), "overlay-unknown", `says ${JSON.stringify(text)}`);
  check((await page.locator("[data-widget=goal]").count()) === 0, "overlay-unknown", "has a goal");
  await context.close();
}

/** Animation is there for who asks, if the system does not ask for less: it does here. Size is of the address. */
async function asked({ base, show, campaign, looks, loadMs, open, check }) {
  const { context, page } = await open(screen, looks[0], "overlay-asked");
  const width = async (search) => {
    await page.goto(`${base}/overlay/${encodeURIComponent(show)}?campaign=${encodeURIComponent(campaign)}&${search}`);
    const goal = page.locator("[data-widget=goal]");
    await goal.waitFor({ timeout: loadMs });
    return (await goal.boundingBox()).width;
  };
  const ratio = (await width("scale=1.5")) / (await width("animate=1"));
  check(Math.abs(ratio - 1.5) < 0.02, "overlay-asked", `scale=1.5 makes it ${ratio.toFixed(2)} times as wide`);
  const glide = () => page.locator(".part").evaluate((e) => getComputedStyle(e).transitionDuration);
  check((await glide()) === "0s", "overlay-asked", "animates though the system asks for reduced motion");
  await page.emulateMedia({ reducedMotion: "no-preference" });
  check((await glide()) !== "0s", "overlay-asked", "animate=1 does not animate");
  await context.close();
}

/** The alpha of some places of a PNG, which the browser decodes. */
function alphaOf(page, png, places) {
  return page.evaluate(
    async ([data, at]) => {
      const image = new Image();
      image.src = data;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.width, image.height];
      const drawn = canvas.getContext("2d");
      drawn.drawImage(image, 0, 0);
      const { data: pixels } = drawn.getImageData(0, 0, canvas.width, canvas.height);
      return at.map(([x, y]) => pixels[4 * (Math.round(y) * canvas.width + Math.round(x)) + 3]);
    },
    [`data:image/png;base64,${png.toString("base64")}`, places],
  );
}
