import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { renderSvg } from "../../src/topology/picture/svg.ts";
import { BROWSER, HeadlessPage } from "../fakes/headless-browser.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { pngColours } from "../fakes/png-colours.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { serviceYaml, topologyOf, workloadYaml } from "../fakes/topology.ts";

const ready = hasPrograms("the picture of mesh graph in a browser", BROWSER);
const directory = temporaryDirectory();

/** Where the pictures go, to be looked at. */
const pictures = process.env["CONTRAST_SCREENSHOTS"] ?? join(directory, "pictures");

const EXAMPLE = readFileSync(join(import.meta.dir, "../../docs/examples/emojivoto/emojivoto.yaml"), "utf8");

/** Workloads in a row, each with up to three remotes among the next ones. */
function manyYaml(count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const remotes = [1, 3, 7].map((step) => index + step * ((index % 3) + 1)).filter((remote) => remote < count);
    const name = `w${index}${index % 5 === 0 ? "-with-a-name-that-is-rather-long-for-a-box-of-this-picture" : ""}`;
    const nameOf = (number: number) =>
      `w${number}${number % 5 === 0 ? "-with-a-name-that-is-rather-long-for-a-box-of-this-picture" : ""}`;
    const egress = remotes.map((remote, at) => `r${at}#127.0.0.${at + 2}:80#${nameOf(remote)}:80`).join("##");
    const ingress = ["", "w#8080#false", "w#8080#true"][index % 3]!;
    const ports = [
      { containerPort: 8080, name: "http" },
      { containerPort: 9090, name: "metrics" },
    ].slice(index % 2);
    const mesh = index % 7 === 6 ? {} : { ingress, egress };
    return workloadYaml(name, { ...mesh, ports }) + serviceYaml(name, [{ port: 80, targetPort: 8080 }]);
  }).join("");
}

const HOSTILE = workloadYaml(`"><script>document.title='owned'</script><image href="http://attacker.example/a.png"/>`, {
  egress: "<b>#127.0.0.2:1#nobody:1",
});

const SAMPLES: Readonly<Record<string, string>> = { three: EXAMPLE, thirty: manyYaml(30), hostile: HOSTILE };

/** Texts that reach out of their box, and pairs of boxes that overlap. */
const OVERFLOWS = `[...document.querySelectorAll("g > rect.box")].flatMap((box) => {
  const room = box.getBoundingClientRect();
  return [...box.parentElement.querySelectorAll("text:not(.legend)")].filter((text) => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    return left < room.left || right > room.right || top < room.top || bottom > room.bottom;
  }).map((text) => text.textContent);
})`;
const OVERLAPS = `(() => {
  const texts = [...document.querySelectorAll("text")].map((text) => text.getBoundingClientRect());
  return texts.flatMap((a, i) => texts.slice(i + 1).filter((b) => a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)).length;
})()`;
/** Boxes that a line crosses in which it neither begins nor ends. */
const CROSSED = `(() => {
  const boxes = [...document.querySelectorAll("g > title + rect.box")].map((box) => box.getBoundingClientRect());
  return [...document.querySelectorAll("path.link")].filter((path) => !path.parentElement.querySelector("text")).map((path) => {
    const matrix = path.getScreenCTM();
    const points = Array.from({ length: 200 }, (_, i) => path.getPointAtLength(path.getTotalLength() * i / 199).matrixTransform(matrix));
    return boxes.filter((box) => points.some(({ x, y }) => x > box.left + 3 && x < box.right - 3 && y > box.top + 3 && y < box.bottom - 3)).length;
  }).filter((count) => count > 0).length;
})()`;
/** Lowest contrast of any text with the ground that it stands on. */
const LOWEST_CONTRAST = `(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const grounds = [".ground", ".box"].map((name) => document.querySelector(name)).filter(Boolean).map((e) => luminance(parse(getComputedStyle(e).fill)));
  return Math.min(...[...document.querySelectorAll("text")].flatMap((text) => {
    const own = luminance(parse(getComputedStyle(text).fill));
    return grounds.map((ground) => (Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05));
  }));
})()`;

describe.skipIf(!ready)("renderSvg(), in headless Chromium", () => {
  let page: HeadlessPage;

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    page = await HeadlessPage.start(join(directory, "profile"));
  });
  afterAll(async () => await page?.close());

  describe.each(Object.keys(SAMPLES))("%s", (name) => {
    test.each(["light", "dark"] as const)("is legible: %s", async (scheme) => {
      const svg = renderSvg(topologyOf(SAMPLES[name]!));
      const file = join(directory, `${name}.svg`);
      writeFileSync(file, svg);
      const [, width = 0, height = 0] = (/ width="(\d+)" height="(\d+)"/.exec(svg) ?? []).map(Number);
      await page.look({ width, height, scheme });
      await page.open(pathToFileURL(file).href);
      const png = await page.screenshot();
      writeFileSync(join(pictures, `mesh-${name}-${scheme}.png`), png);

      const [ground = ""] = [...pngColours(png)].toSorted((left, right) => right[1] - left[1])[0] ?? [];
      expect(Number(ground.split(",")[0]) > 128).toBe(scheme === "light");
      expect(await page.evaluate<string[]>(OVERFLOWS)).toEqual([]);
      expect(await page.evaluate<number>(OVERLAPS)).toBe(0);
      expect(await page.evaluate<number>(CROSSED)).toBe(0);
      expect(await page.evaluate<number>(LOWEST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
    });
  });
  test("asks for nothing but itself, and runs no text of the YAML", async () => {
    expect(page.requests.filter((url) => !/^(?:about:blank|file:.*\.svg)$/.test(url))).toEqual([]);
    expect(page.complaints).toEqual([]);
    expect(
      await page.evaluate<number>("document.querySelectorAll('script, image, a, use, foreignObject').length"),
    ).toBe(0);
  });
});
