import { describe, expect, test } from "bun:test";
import type { CollateralCache } from "../../../src/attestation/collateral/collateral-cache.ts";
import { collateralUrl } from "../../../src/attestation/collateral/collateral-url.ts";
import { createCollateralGatherer } from "../../../src/attestation/collateral/create-gatherer.ts";
import type { FetchCollateral } from "../../../src/attestation/collateral/fetcher.ts";
import { createMemoryCache } from "../../../src/attestation/collateral/memory-cache.ts";
import type { CollateralItem, CollateralNeed } from "../../../src/attestation/collateral-need.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { fakeItem, inspectFake, NEEDS } from "../../fakes/collateral-items.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { type ManualClock, manualClock } from "../../fakes/manual-clock.ts";

const NOW = "2026-01-10T12:00:00Z";
const HOUR_MS = 60 * 60 * 1000;

/** A VCEK of one of many chips. */
function vcekOf(chip: number): CollateralNeed {
  return { ...NEEDS.vcek, chipIdHex: chip.toString(16).padStart(128, "0") };
}

async function namesIn(cache: CollateralCache): Promise<readonly string[]> {
  return (await cache.list()).items.map(({ url }) => url);
}

describe("createMemoryCache()", () => {
  test("gives back what was written, as of the cache and in memory of its own", async () => {
    const cache = createMemoryCache(manualClock(NOW));
    const buffer = new Uint8Array(100).fill(7);
    const item = fakeItem(NEEDS.crl, {}, { body: buffer.subarray(10, 20), note: "old", fetchedAt: new Date(NOW) });
    await cache.write(item);
    buffer.fill(0);
    const expected = { ...item, body: new Uint8Array(10).fill(7), origin: "cache", note: undefined } as const;
    expect(await cache.read(NEEDS.crl)).toEqual(expected);
    expect((await cache.read(NEEDS.crl))?.body.buffer.byteLength).toBe(10);
    expect(await cache.read(NEEDS.chain)).toBeUndefined();
    expect(await cache.list()).toEqual({ items: [expected], damaged: [] });
  });

  test("replaces an entry, and removes one when asked", async () => {
    const cache = createMemoryCache(manualClock(NOW));
    await cache.write(fakeItem(NEEDS.crl, { to: "2026-02-01" }));
    await cache.write(fakeItem(NEEDS.crl, { to: "2026-03-01" }));
    expect(new TextDecoder().decode((await cache.read(NEEDS.crl))?.body)).toContain("2026-03-01");
    await cache.removeDamaged("anything");
    await cache.remove(NEEDS.crl);
    await cache.remove(NEEDS.crl);
    expect(await namesIn(cache)).toEqual([]);
  });

  test.each([
    ["keeps documents for less than a day", 24 * HOUR_MS - 1, true],
    ["drops documents after a day", 24 * HOUR_MS, false],
    ["drops documents from the future", -1, false],
  ])("%s, and certificates in any case", async (_, passedMs, isKept) => {
    const clock = manualClock(NOW);
    const cache = createMemoryCache(clock);
    for (const need of Object.values(NEEDS)) await cache.write(fakeItem(need));
    clock.advance(passedMs);
    for (const need of Object.values(NEEDS)) {
      const isCertificate = need.kind === "amd-vcek" || need.kind === "amd-chain";
      expect((await cache.read(need)) !== undefined).toBe(isCertificate || isKept);
    }
    expect((await namesIn(cache)).length).toBe(isKept ? Object.values(NEEDS).length : 2);
  });

  test("lists nothing that is too old, though nobody has read it", async () => {
    const clock = manualClock(NOW);
    const cache = createMemoryCache({ ...clock, maxAgeMs: HOUR_MS });
    await cache.write(fakeItem(NEEDS.crl));
    clock.advance(HOUR_MS);
    expect(await namesIn(cache)).toEqual([]);
  });

  test("has no more entries than allowed; the one that was not used for longest goes", async () => {
    const cache = createMemoryCache({ ...manualClock(NOW), maxEntries: 3 });
    for (const chip of [1, 2, 3]) await cache.write(fakeItem(vcekOf(chip)));
    await cache.read(vcekOf(1));
    await cache.write(fakeItem(vcekOf(4)));
    expect(await namesIn(cache)).toEqual([1, 3, 4].map((chip) => collateralUrl(vcekOf(chip))));
  });

  test("has no more bytes than allowed, however often entries are replaced, removed and dropped", async () => {
    const clock = manualClock(NOW);
    const cache = createMemoryCache({ ...clock, maxBytes: 100 });
    const body = new Uint8Array(40);
    for (let round = 0; round < 10; round++) {
      await cache.write(fakeItem(vcekOf(1), {}, { body }));
      await cache.write(fakeItem(NEEDS.crl, {}, { body }));
      await cache.remove(vcekOf(1));
      clock.advance(25 * HOUR_MS);
      await cache.read(NEEDS.crl);
    }
    await cache.write(fakeItem(vcekOf(1), {}, { body }));
    await cache.write(fakeItem(NEEDS.chain, {}, { body: new Uint8Array(101) }));
    expect(await namesIn(cache)).toEqual([collateralUrl(vcekOf(1))]);
    for (const chip of [2, 3, 4]) await cache.write(fakeItem(vcekOf(chip), {}, { body }));
    expect(await namesIn(cache)).toEqual([3, 4].map((chip) => collateralUrl(vcekOf(chip))));
  });
});

/** Gathers for many connections of one machine at once. */
async function gatherMany(
  cache: CollateralCache,
  clock: ManualClock,
  answer: (need: CollateralNeed) => CollateralItem,
  delays: readonly number[],
): Promise<{ readonly requests: readonly string[]; readonly found: number }> {
  const requests: string[] = [];
  const fetch: FetchCollateral = async (need) => {
    requests.push(collateralUrl(need));
    await turns(20);
    return answer(need);
  };
  const gather = createCollateralGatherer({ files: [], cache, fetch, now: clock.now, log: recordLog() });
  const { signal } = new AbortController();
  const needs = [NEEDS.vcek, NEEDS.crl];
  const sets = await Promise.all(
    delays.map(async (delay) => {
      await turns(delay);
      return await gather(needs, [], inspectFake, clock.now(), signal);
    }),
  );
  return { requests, found: sets.filter((set) => needs.every((need) => set.answer(need).found)).length };
}

/** Lets others go on, a number of times. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

describe("createCollateralGatherer() with a cache in memory", () => {
  // The delays bring somebody to each point between the first look into the cache and the end of the request.
  const delays = Array.from({ length: 1000 }, (_, index) => index % 100);
  const both = [collateralUrl(NEEDS.vcek), collateralUrl(NEEDS.crl)];

  test("asks once for a thousand machines that come at the same time", async () => {
    const clock = manualClock(NOW);
    const answer = (need: CollateralNeed): CollateralItem => fakeItem(need, {}, { fetchedAt: clock.now() });
    const { requests, found } = await gatherMany(createMemoryCache(clock), clock, answer, delays);
    expect({ requests, found }).toEqual({ requests: both, found: 1000 });
  });

  test("asks once also where the cache takes its time", async () => {
    const clock = manualClock(NOW);
    const quick = createMemoryCache(clock);
    const slow: CollateralCache = {
      ...quick,
      read: async (need) => {
        const item = await quick.read(need);
        await turns(30);
        return item;
      },
    };
    const answer = (need: CollateralNeed): CollateralItem => fakeItem(need, {}, { fetchedAt: clock.now() });
    const { requests, found } = await gatherMany(slow, clock, answer, delays);
    expect({ requests, found }).toEqual({ requests: both, found: 1000 });
  });

  test("asks once for a thousand machines also where the service fails", async () => {
    const clock = manualClock(NOW);
    const answer = (): CollateralItem => {
      throw new ContrastError("attestation/collateral-not-found", "Cannot fetch: gone");
    };
    const { requests, found } = await gatherMany(createMemoryCache(clock), clock, answer, delays);
    expect({ requests, found }).toEqual({ requests: both, found: 0 });
  });
});
