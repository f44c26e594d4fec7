import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CollateralNeed } from "../../../src/attestation/collateral-need.ts";
import { encodeSidecar } from "../../../src/attestation/collateral/cache-entry.ts";
import {
  cacheFileName,
  type CollateralCache,
  openCollateralCache,
} from "../../../src/attestation/collateral/collateral-cache.ts";
import { collateralUrl } from "../../../src/attestation/collateral/collateral-url.ts";
import { sha256Hex } from "../../../src/lib/digest.ts";
import { NEEDS, fakeItem } from "../../fakes/collateral-items.ts";
import { type RecordedLog, recordLog } from "../../fakes/image-provider.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const FETCHED = new Date("2026-01-02T12:00:00.000Z");
const CRL = fakeItem(NEEDS.crl, {}, { fetchedAt: FETCHED });
const TCB = fakeItem(NEEDS.tcbInfo, {}, { fetchedAt: FETCHED });

interface Opened {
  readonly directory: string;
  readonly cache: CollateralCache;
  readonly log: RecordedLog;
  readonly path: (need: CollateralNeed, ending?: string) => string;
}

function open(directory = join(temporaryDirectory(), "contrast", "kds")): Opened {
  const log = recordLog();
  const path: Opened["path"] = (need, ending = "") => join(directory, cacheFileName(collateralUrl(need)) + ending);
  return { directory, cache: openCollateralCache(directory, log), log, path };
}

describe("openCollateralCache()", () => {
  test("returns what was written, with time and issuer chain, as from the cache", async () => {
    const { cache, log } = open();
    expect(await cache.read(CRL.need)).toBeUndefined();
    await cache.write(CRL);
    await cache.write(TCB);
    expect(await cache.read(CRL.need)).toEqual({ ...CRL, origin: "cache" });
    expect(await cache.read(TCB.need)).toEqual({ ...TCB, origin: "cache" });
    expect(log.lines).toEqual([]);
  });

  test("names the file of the body by the vendor's address and keeps the body as it is", async () => {
    const { cache, directory, path } = open();
    await cache.write(CRL);
    const name = sha256Hex("https://kdsintf.amd.com/vcek/v1/Milan/crl");
    expect(readdirSync(directory).toSorted()).toEqual([name, `${name}.json`]);
    expect(readFileSync(path(CRL.need)).equals(CRL.body)).toBe(true);
  });

  test("keeps an unknown time unknown", async () => {
    const { cache } = open();
    await cache.write(fakeItem(NEEDS.crl));
    expect((await cache.read(NEEDS.crl))?.fetchedAt).toBeUndefined();
  });

  test.each<readonly [string, (opened: Opened) => void]>([
    ["the body is of another fetch", ({ path }) => writeFileSync(path(CRL.need), "good {}2")],
    ["the body is cut", ({ path }) => writeFileSync(path(CRL.need), CRL.body.subarray(1))],
    ["the body is gone", ({ path }) => writeFileSync(path(CRL.need), "")],
    ["the sidecar is no JSON", ({ path }) => writeFileSync(path(CRL.need, ".json"), "{")],
    ["the sidecar is of another address", ({ path }) => writeFileSync(path(CRL.need, ".json"), encodeSidecar(TCB))],
    [
      "the sidecar has another form",
      ({ path }) =>
        writeFileSync(path(CRL.need, ".json"), encodeSidecar(CRL).replace('"formatVersion": 1', '"formatVersion": 2')),
    ],
    [
      "the sidecar has a damaged time",
      ({ path }) => writeFileSync(path(CRL.need, ".json"), encodeSidecar(CRL).replace("2026-01-02T", "yesterday")),
    ],
    ["a file is too large", ({ path }) => writeFileSync(path(CRL.need), new Uint8Array(2 * 1024 * 1024))],
    ["a directory is in the way", ({ path }) => mkdirSync(path(NEEDS.vcek))],
  ])("finds nothing if %s", async (_, damage) => {
    const opened = open();
    await opened.cache.write(CRL);
    damage(opened);
    expect(await opened.cache.read(NEEDS.vcek)).toBeUndefined();
    if (!existsSync(opened.path(NEEDS.vcek))) expect(await opened.cache.read(CRL.need)).toBeUndefined();
  });

  test("finds nothing without an issuer chain that is well formed", async () => {
    const { cache, path } = open();
    await cache.write(TCB);
    const sidecar = readFileSync(path(TCB.need, ".json"), "utf8");
    writeFileSync(path(TCB.need, ".json"), sidecar.replace("BEGIN", "BEGUN"));
    expect(await cache.read(TCB.need)).toBeUndefined();
  });

  test("lets processes write the same entry at once: one of them wins, or nothing is found", async () => {
    const directory = join(temporaryDirectory(), "kds");
    const bodies = Array.from({ length: 40 }, (_, index) => `good {"from":"${2000 + index}-01-01"}`);
    const items = bodies.map((body) => fakeItem(NEEDS.crl, {}, { body: new TextEncoder().encode(body) }));
    const caches = items.map((item) => ({ item, cache: openCollateralCache(directory, recordLog()) }));
    await Promise.all(
      caches.map(async ({ item, cache }) => {
        await cache.write(item);
        const found = await cache.read(NEEDS.crl);
        if (found !== undefined) expect(bodies).toContain(new TextDecoder().decode(found.body));
      }),
    );
    const last = openCollateralCache(directory, recordLog());
    await last.write(CRL);
    expect((await last.read(NEEDS.crl))?.body).toEqual(CRL.body);
    expect(readdirSync(directory).length).toBe(2);
  });

  test("lists entries in the order of their addresses, and what is damaged, but no foreign file", async () => {
    const { cache, directory, path } = open();
    for (const item of [TCB, CRL]) await cache.write(item);
    await cache.write(fakeItem(NEEDS.rootCrl));
    writeFileSync(path(NEEDS.rootCrl), "torn");
    writeFileSync(join(directory, "README"), "by somebody else");
    writeFileSync(join(directory, `.${"a".repeat(64)}.012345.tmp`), "half");
    const { items, damaged } = await cache.list();
    expect(items.map(({ url }) => url)).toEqual([collateralUrl(TCB.need), collateralUrl(CRL.need)]);
    const name = cacheFileName(collateralUrl(NEEDS.rootCrl));
    expect(damaged.map((file) => file.name)).toEqual([`.${"a".repeat(64)}.012345.tmp`, name, `${name}.json`]);
    await cache.removeDamaged("README");
    for (const file of damaged) await cache.removeDamaged(file.name);
    await cache.remove(CRL.need);
    await cache.remove(CRL.need);
    expect(readdirSync(directory).length).toBe(3);
  });

  test("warns once where nothing can be written, and goes on", async () => {
    const base = temporaryDirectory();
    writeFileSync(join(base, "file"), "");
    const { cache, log } = open(join(base, "file", "kds"));
    await Promise.all([cache.write(CRL), cache.write(TCB)]);
    await cache.write(CRL);
    expect(log.lines.length).toBe(1);
    expect(log.lines[0]).toStartWith("warn cannot write to the collateral cache");
    expect(await cache.read(CRL.need)).toBeUndefined();
    expect(await cache.list()).toEqual({ items: [], damaged: [] });
  });

  test("makes its directory for this user only", async () => {
    const { cache, directory } = open();
    await cache.write(CRL);
    expect((statSync(directory).mode & 0o777).toString(8)).toBe("700");
  });
});
