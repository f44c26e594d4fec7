import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { renderPage } from "../../src/policy/describe/page/render-page.ts";
import { describeFound, foundIn } from "../fakes/found-policies.ts";
import { BROWSER, HeadlessPage, type Screen } from "../fakes/headless-browser.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { pngColours } from "../fakes/png-colours.ts";
import { FEATURES } from "../fakes/pod-features.ts";
import { podYaml } from "../fakes/policy-input.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const ready = hasPrograms("the page of policy show in a browser", BROWSER);

const directory = temporaryDirectory();

/** Where the pictures go, to be looked at. */
const pictures = process.env["CONTRAST_SCREENSHOTS"] ?? join(directory, "pictures");

const SCREENS: Readonly<Record<string, Screen>> = {
  light: { width: 1280, height: 1000, scheme: "light" },
  dark: { width: 1280, height: 1000, scheme: "dark" },
  narrow: { width: 360, height: 800, scheme: "light" },
};

const HOSTILE = `"<script>document.title='owned'</script><img src=http://attacker.example/a.png onerror=alert(1)>${"x".repeat(500)}"`;

/** Lowest contrast of any text on the page, as WCAG computes it, and the text that has it. */
const LOWEST_CONTRAST = `(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  let lowest = { ratio: 21, text: "" };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    if (text === "") continue;
    const element = walker.currentNode.parentElement;
    const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < lowest.ratio) lowest = { ratio, text };
  }
  return lowest;
})()`;

/** Elements that reach beyond the right edge of the screen. */
const WIDE = `[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 120))`;

describe.skipIf(!ready)("renderPage(), in headless Chromium", () => {
  let page: HeadlessPage;

  beforeAll(async () => {
    const yamls = [FEATURES["environment"]!, FEATURES["volumes"]!, podYaml(`env: [{name: EVIL, value: ${HOSTILE}}]`)];
    const policies = await Promise.all(yamls.map(async (yaml) => await describeFound(await foundIn(yaml))));
    const file = join(directory, "page.html");
    writeFileSync(file, renderPage(policies));
    mkdirSync(pictures, { recursive: true });
    page = await HeadlessPage.start(join(directory, "profile"));
    await page.open(pathToFileURL(file).href);
  });
  afterAll(async () => await page?.close());

  test.each(Object.keys(SCREENS))("shows a readable page: %s", async (name) => {
    const screen = SCREENS[name]!;
    await page.look(screen);
    const png = await page.screenshot();
    writeFileSync(join(pictures, `${name}.png`), png);

    const colours = pngColours(png);
    const pixels = screen.width * screen.height;
    const [ground = "", count = 0] = [...colours].toSorted((left, right) => right[1] - left[1])[0] ?? [];
    expect(count / pixels).toBeLessThan(0.97);
    expect(colours.size).toBeGreaterThan(20);
    expect(Number(ground.split(",")[0]) > 128).toBe(screen.scheme === "light");

    expect(await page.evaluate<string[]>(WIDE)).toEqual([]);
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(screen.width);
    const lowest = await page.evaluate<{ ratio: number; text: string }>(LOWEST_CONTRAST);
    expect(lowest.ratio, lowest.text).toBeGreaterThanOrEqual(4.5);
    // Body text is no smaller than 12 pixels anywhere.
    const smallest = `Math.min(...[...document.querySelectorAll("p, td, dd, li, summary, .chip")].map((e) => parseFloat(getComputedStyle(e).fontSize)))`;
    expect(await page.evaluate<number>(smallest)).toBeGreaterThanOrEqual(12);
  });
  test("asks for nothing but itself, and runs no text of a policy", async () => {
    expect(page.requests.filter((url) => url !== "about:blank")).toEqual([
      expect.stringMatching(/^file:.*page\.html$/),
    ]);
    expect(page.complaints).toEqual([]);
    expect(await page.evaluate<string>("document.title")).toBe("Execution policies");
    expect(await page.evaluate<number>("document.querySelectorAll('script, img, iframe, link, object').length")).toBe(
      0,
    );
    expect(await page.evaluate<boolean>("document.body.textContent.includes('<script>document.title')")).toBe(true);
  });
  test("has an entry in the contents for every container, and a target for each", async () => {
    const broken = `[...document.querySelectorAll(".contents a")].filter((a) => !document.getElementById(a.hash.slice(1))).length`;
    expect(await page.evaluate<number>("document.querySelectorAll('.contents a').length")).toBe(3 + 3 + 2 + 4 + 2);
    expect(await page.evaluate<number>(broken)).toBe(0);
    const ids = "[...document.querySelectorAll('[id]')].map((e) => e.id)";
    const all = await page.evaluate<string[]>(ids);
    expect(new Set(all).size).toBe(all.length);
  });
  test("can be printed, with everything opened", async () => {
    await page.look({ ...SCREENS["light"]!, media: "print" });
    const closed = `[...document.querySelectorAll("details:not([open]) > :last-child")].filter((e) => e.getBoundingClientRect().height === 0).length`;
    expect(await page.evaluate<number>("document.querySelectorAll('details:not([open])').length")).toBeGreaterThan(10);
    expect(await page.evaluate<number>(closed)).toBe(0);
    const pdf = await page.print();
    expect(new TextDecoder("latin1").decode(pdf.subarray(0, 5))).toBe("%PDF-");
    expect(pdf.length).toBeGreaterThan(20_000);
  });
  test("shows the tables of a container as they are pictured", async () => {
    for (const [name, screen] of Object.entries(SCREENS)) {
      await page.look(screen);
      await page.evaluate("document.querySelector('[id^=policy-1-][id$=-main]').scrollIntoView()");
      writeFileSync(join(pictures, `${name}-container.png`), await page.screenshot());
    }
    expect(await page.evaluate<number>("scrollY")).toBeGreaterThan(0);
  });
});
