import { describe, expect, test } from "bun:test";
import type { CollateralAnswer, CollateralItem, CollateralNeed } from "../../../src/attestation/collateral-need.ts";
import { openCollateralCache, NO_COLLATERAL_CACHE } from "../../../src/attestation/collateral/collateral-cache.ts";
import { collateralUrl } from "../../../src/attestation/collateral/collateral-url.ts";
import { ATLS_TIMEOUT_MS } from "../../../src/attestation/atls/connect.ts";
import { createCollateralGatherer } from "../../../src/attestation/collateral/create-gatherer.ts";
import type { FetchCollateral, FetchLimits } from "../../../src/attestation/collateral/fetcher.ts";
import type { GatherCollateral } from "../../../src/attestation/gather-collateral.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { NEEDS, fakeItem, inspectFake } from "../../fakes/collateral-items.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { type ManualClock, manualClock } from "../../fakes/manual-clock.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const NOW = "2026-01-10T12:00:00Z";
const VALID = { from: "2026-01-01", to: "2026-02-01" };
const EXPIRED = { from: "2025-01-01", to: "2026-01-01" };
const YESTERDAY = new Date("2026-01-09T11:00:00Z");
const JUST_NOW = new Date("2026-01-10T11:59:00Z");
const WRONG = new TextEncoder().encode("something else");

interface Setting {
  readonly asked: { readonly url: string; readonly attempts: number }[];
  readonly clock: ManualClock;
  readonly ask: (need?: CollateralNeed, supplied?: readonly CollateralItem[]) => Promise<CollateralAnswer>;
  readonly gather: GatherCollateral;
  readonly cached: (need?: CollateralNeed) => Promise<CollateralItem | undefined>;
  /** How the service answers; the item as published unless changed. */
  serve: (need: CollateralNeed, limits: FetchLimits) => Promise<CollateralItem> | CollateralItem;
}

interface SettingOptions {
  readonly files?: readonly CollateralItem[];
  readonly cached?: readonly CollateralItem[];
  readonly offline?: boolean;
  readonly totalTimeoutMs?: number;
}

async function start({
  files = [],
  cached = [],
  offline = false,
  totalTimeoutMs,
}: SettingOptions = {}): Promise<Setting> {
  const clock = manualClock(NOW);
  const cache = openCollateralCache(temporaryDirectory(), recordLog());
  for (const item of cached) await cache.write(item);
  const asked: Setting["asked"] = [];
  const fetch: FetchCollateral = async (need, limits) => {
    asked.push({ url: collateralUrl(need), attempts: limits.attempts });
    return await setting.serve(need, limits);
  };
  const gather = createCollateralGatherer({
    files,
    cache,
    fetch: offline ? undefined : fetch,
    now: clock.now,
    log: recordLog(),
    totalTimeoutMs,
  });
  const setting: Setting = {
    asked,
    clock,
    gather,
    ask: async (need = NEEDS.crl, supplied = []) => {
      const set = await gather([need], supplied, inspectFake, clock.now(), new AbortController().signal);
      return set.answer(need);
    },
    cached: (need = NEEDS.crl) => cache.read(need),
    serve: (need) => fakeItem(need, VALID, { fetchedAt: clock.now() }),
  };
  return setting;
}

function throttled(details: Record<string, number> = {}): never {
  throw new ContrastError(
    "attestation/collateral-service-busy",
    "Cannot fetch CRL: https://service.example answered 429",
    {
      details,
    },
  );
}

/** `origin`, and whether a note says why an old copy had to do; or `missing`. */
function summary(answer: CollateralAnswer): string {
  if (!answer.found) return "missing";
  return answer.item.note === undefined ? answer.item.origin : `${answer.item.origin} with note`;
}

const crl = (dates: typeof VALID, change: Partial<CollateralItem>): CollateralItem =>
  fakeItem(NEEDS.crl, dates, change);
const inCache = (dates: typeof VALID, fetchedAt: Date): CollateralItem => crl(dates, { origin: "cache", fetchedAt });

describe("createCollateralGatherer()", () => {
  test("prefers evidence, then files, then the cache, then the service", async () => {
    const evidence = crl(VALID, { origin: "evidence" });
    const files = [crl(VALID, { origin: "bundle" })];
    const cached = [inCache(VALID, JUST_NOW)];
    expect(summary(await (await start({ files, cached })).ask(NEEDS.crl, [evidence]))).toBe("evidence");
    expect(summary(await (await start({ files, cached })).ask())).toBe("bundle");
    expect(summary(await (await start({ cached })).ask())).toBe("cache");
    expect(summary(await (await start()).ask())).toBe("network");
  });

  test("keeps what the service gave, for the next time", async () => {
    const setting = await start();
    await setting.ask();
    expect((await setting.cached())?.fetchedAt).toEqual(setting.clock.now());
    setting.clock.advance(23 * 60 * 60 * 1000);
    expect(summary(await setting.ask())).toBe("cache");
    expect(setting.asked.length).toBe(1);
    setting.clock.advance(60 * 60 * 1000);
    expect(summary(await setting.ask())).toBe("network");
    expect(setting.asked.length).toBe(2);
  });

  test("never asks again for certificates", async () => {
    const old = new Date("2020-01-01T00:00:00Z");
    const cached = [
      fakeItem(NEEDS.vcek, EXPIRED, { fetchedAt: old }),
      fakeItem(NEEDS.chain, EXPIRED, { fetchedAt: old }),
    ];
    const setting = await start({ cached });
    expect(summary(await setting.ask(NEEDS.vcek))).toBe("cache");
    expect(summary(await setting.ask(NEEDS.chain))).toBe("cache");
    expect(setting.asked).toEqual([]);
  });

  test("refreshes an old copy with one request, and uses it with a note where that fails", async () => {
    const setting = await start({ cached: [inCache(VALID, YESTERDAY)] });
    setting.serve = () => throttled();
    const answer = await setting.ask();
    expect(summary(answer)).toBe("cache with note");
    expect(setting.asked.map(({ attempts }) => attempts)).toEqual([1]);
    const note = answer.found ? (answer.item.note ?? "") : "";
    expect(note).toContain("https://service.example answered 429");
    expect(note).toContain("1 day old");
  });

  test("gives out an expired copy, with a note, only where nothing better is to be had", async () => {
    const setting = await start({ cached: [inCache(EXPIRED, YESTERDAY)] });
    expect(summary(await setting.ask())).toBe("network");
    const down = await start({ cached: [inCache(EXPIRED, YESTERDAY)] });
    down.serve = () => throttled();
    expect(summary(await down.ask())).toBe("cache with note");
    expect(down.asked.map(({ attempts }) => attempts)).toEqual([4]);
  });

  test("prefers a valid cached copy to an expired one of the service, and keeps the later of two expired ones", async () => {
    const setting = await start({ cached: [inCache(VALID, YESTERDAY)] });
    setting.serve = (need) => fakeItem(need, EXPIRED);
    expect(summary(await setting.ask())).toBe("cache with note");
    const expired = await start({ cached: [inCache(EXPIRED, YESTERDAY)] });
    expired.serve = (need) => fakeItem(need, EXPIRED);
    expect(summary(await expired.ask())).toBe("network with note");
  });

  test("passes over supplied copies that are wrong or out of date, and comes back to the latter last", async () => {
    const setting = await start({ files: [crl(VALID, { origin: "bundle", body: WRONG })] });
    expect(summary(await setting.ask(NEEDS.crl, [crl(EXPIRED, { origin: "evidence" })]))).toBe("network");
    setting.clock.advance(48 * 60 * 60 * 1000);
    const offline = await start({ offline: true });
    expect(summary(await offline.ask(NEEDS.crl, [crl(EXPIRED, { origin: "evidence" })]))).toBe("evidence with note");
    const answer = await offline.ask(NEEDS.crl, [crl(VALID, { origin: "evidence", body: WRONG })]);
    expect(!answer.found && answer.reason).toContain("is not usable");
  });

  test("ignores and replaces a cached copy with wrong content", async () => {
    const setting = await start({ cached: [crl(VALID, { body: WRONG, fetchedAt: JUST_NOW })] });
    expect(summary(await setting.ask())).toBe("network");
    expect((await setting.cached())?.body).toEqual(crl(VALID, {}).body);
  });

  test("neither uses nor keeps wrong content of the service", async () => {
    const setting = await start();
    setting.serve = (need) => fakeItem(need, VALID, { body: WRONG });
    const answer = await setting.ask();
    expect(answer).toEqual({
      found: false,
      reason:
        "Cannot use what was fetched for https://kdsintf.amd.com/vcek/v1/Milan/crl: " +
        'Cannot use collateral: it says "something else"',
      remedy: `Run "contrast collateral fetch 'https://kdsintf.amd.com/vcek/v1/Milan/crl'", or pass a bundle with --collateral.`,
    });
    expect(await setting.cached()).toBeUndefined();
  });

  test("neither uses nor keeps an older copy of the service than the one at hand", async () => {
    const later = { from: "2026-01-05", to: "2026-02-05" };
    for (const answered of [VALID, EXPIRED]) {
      const setting = await start({ cached: [inCache(later, YESTERDAY)] });
      setting.serve = (need) => fakeItem(need, answered, { fetchedAt: setting.clock.now() });
      const answer = await setting.ask();
      expect(summary(answer)).toBe("cache with note");
      expect(answer.found && answer.item.body).toEqual(crl(later, {}).body);
      expect(answer.found && answer.item.note).toContain("older copy");
      expect((await setting.cached())?.body).toEqual(crl(later, {}).body);
    }
    const both = await start({ cached: [inCache({ from: "2025-06-01", to: "2026-01-01" }, YESTERDAY)] });
    both.serve = (need) => fakeItem(need, EXPIRED);
    expect(summary(await both.ask())).toBe("cache with note");
    expect((await both.cached())?.body).toEqual(crl({ from: "2025-06-01", to: "2026-01-01" }, {}).body);
  });

  test("asks nobody offline, and says what to do", async () => {
    const setting = await start({ offline: true, cached: [inCache(VALID, YESTERDAY)] });
    expect(summary(await setting.ask())).toBe("cache with note");
    const answer = await setting.ask(NEEDS.rootCrl);
    expect(summary(answer)).toBe("missing");
    expect(!answer.found && answer.remedy).toContain("contrast collateral export");
    expect(!answer.found && answer.reason).toContain("--offline");
    expect(setting.asked).toEqual([]);
  });

  test("does not ask for the VCEK of a chip whose id is masked", async () => {
    const setting = await start();
    const answer = await setting.ask({ ...NEEDS.vcek, chipIdHex: "00".repeat(64) });
    expect(summary(answer)).toBe("missing");
    expect(setting.asked).toEqual([]);
    expect(!answer.found && answer.reason).toContain("masks its chip id");
  });

  test("asks once for a need that is named twice, and answers only what was asked", async () => {
    const { gather, asked, clock } = await start();
    const set = await gather([NEEDS.crl, { ...NEEDS.crl }], [], inspectFake, clock.now(), new AbortController().signal);
    expect(set.answer(NEEDS.crl).found).toBe(true);
    expect(set.answer(NEEDS.rootCrl).found).toBe(false);
    expect(asked.length).toBe(1);
  });

  test("remembers failures for a short while, longer if the service asks for it", async () => {
    const setting = await start();
    setting.serve = () => throttled();
    expect(summary(await setting.ask())).toBe("missing");
    setting.clock.advance(29_000);
    const again = await setting.ask();
    expect(!again.found && again.reason).toContain("answered 429");
    expect(setting.asked.length).toBe(1);
    setting.clock.advance(1000);
    setting.serve = () => throttled({ retryAfterMs: 90_000 });
    await setting.ask();
    setting.clock.advance(89_000);
    await setting.ask();
    expect(setting.asked.length).toBe(2);
    setting.clock.advance(1000);
    setting.serve = (need) => fakeItem(need, VALID);
    expect(summary(await setting.ask())).toBe("network");
  });

  test("runs at most four requests at once, whoever asks", async () => {
    const setting = await start();
    let running = 0;
    let most = 0;
    const four = Promise.withResolvers<void>();
    setting.serve = async (need) => {
      most = Math.max(most, ++running);
      if (running === 4) four.resolve();
      // Stays until as many run as may, and then long enough for one too many to show.
      await four.promise;
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      running--;
      return fakeItem(need, VALID);
    };
    const chips = Array.from({ length: 20 }, (_, index) => ({
      ...NEEDS.vcek,
      chipIdHex: index.toString(16).padStart(128, "a"),
    }));
    await Promise.all(chips.map((chip) => setting.ask(chip)));
    expect(setting.asked.length).toBe(20);
    expect(most).toBe(4);
  });

  test("asks once for what many need at the same time, and shares the failure too", async () => {
    const setting = await start();
    const askTen = (): Promise<string[]> =>
      Promise.all(Array.from({ length: 10 }, async () => summary(await setting.ask())));
    setting.serve = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      throttled();
    };
    expect(new Set(await askTen())).toEqual(new Set(["missing"]));
    expect(setting.asked.length).toBe(1);
    setting.clock.advance(60_000);
    setting.serve = async (need) => {
      await new Promise((resolve) => setImmediate(resolve));
      return fakeItem(need, VALID, { fetchedAt: setting.clock.now() });
    };
    for (const one of await askTen()) expect(["network", "cache"]).toContain(one);
    expect(setting.asked.length).toBe(2);
  });

  test("does not fail those who wait when the one who asked is interrupted", async () => {
    const setting = await start();
    const controller = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    setting.serve = async (need) => {
      if (setting.asked.length > 1) return fakeItem(need, VALID);
      await promise;
      controller.abort();
      throw new ContrastError("lib/interrupted", "interrupted");
    };
    const first = codeOfAsync(() =>
      setting.gather([NEEDS.crl], [], inspectFake, setting.clock.now(), controller.signal),
    );
    while (setting.asked.length === 0) await new Promise((next) => setImmediate(next));
    const second = setting.ask();
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
    resolve();
    expect(await first).toBe("lib/interrupted");
    expect(summary(await second)).toBe("network");
    expect(setting.asked.length).toBe(2);
  });

  test("gives all requests of a call one deadline", async () => {
    const setting = await start({ totalTimeoutMs: 5000 });
    const deadlines = new Set<string>();
    setting.serve = (need, { deadline }) => {
      deadlines.add(deadline.toISOString());
      setting.clock.advance(1000);
      return fakeItem(need, VALID);
    };
    const needs = [NEEDS.tcbInfo, NEEDS.qeIdentity, NEEDS.pckCrl, NEEDS.rootCrl];
    await setting.gather(needs, [], inspectFake, setting.clock.now(), new AbortController().signal);
    expect([...deadlines]).toEqual(["2026-01-10T12:00:05.000Z"]);
  });

  test("gives up before an attested connection does, so that its user learns why", async () => {
    const setting = await start();
    let remainingMs = Number.NaN;
    setting.serve = (need, { deadline }) => {
      remainingMs = deadline.getTime() - setting.clock.now().getTime();
      return fakeItem(need, VALID);
    };
    await setting.ask();
    expect(remainingMs).toBeLessThanOrEqual(ATLS_TIMEOUT_MS - 5000);
  });

  test("ends when it is interrupted", async () => {
    const controller = new AbortController();
    const setting = await start();
    setting.serve = () => {
      controller.abort();
      throw new ContrastError("lib/interrupted", "interrupted");
    };
    const call = (): Promise<unknown> =>
      setting.gather([NEEDS.crl], [], inspectFake, setting.clock.now(), controller.signal);
    expect(await codeOfAsync(call)).toBe("lib/interrupted");
  });

  test("works without a cache", async () => {
    const gather = createCollateralGatherer({
      files: [],
      cache: NO_COLLATERAL_CACHE,
      fetch: async (need) => fakeItem(need, VALID),
      now: () => new Date(NOW),
      log: recordLog(),
    });
    const set = await gather([NEEDS.crl], [], inspectFake, new Date(NOW), new AbortController().signal);
    expect(summary(set.answer(NEEDS.crl))).toBe("network");
  });

  test("asks for no more chips than its rate allows, and for everything else as before", async () => {
    const clock = manualClock(NOW);
    const asked: string[] = [];
    const gather = createCollateralGatherer({
      files: [],
      cache: NO_COLLATERAL_CACHE,
      fetch: async (need) => {
        asked.push(need.kind);
        return fakeItem(need, VALID);
      },
      now: clock.now,
      log: recordLog(),
      chipRequests: { burst: 2, perMinute: 1 },
    });
    const ask = async (need: CollateralNeed): Promise<string> => {
      const set = await gather([need], [], inspectFake, clock.now(), new AbortController().signal);
      return summary(set.answer(need));
    };
    const chip = (digit: string): CollateralNeed => ({
      kind: "amd-vcek",
      product: "Milan",
      chipIdHex: digit.repeat(128),
      tcb: { fmc: undefined, bootloader: 1, tee: 1, snp: 1, microcode: 1 },
    });
    expect([await ask(chip("a")), await ask(chip("b")), await ask(chip("c"))]).toEqual([
      "network",
      "network",
      "missing",
    ]);
    expect(await ask(NEEDS.crl)).toBe("network");
    clock.advance(60_000);
    // What was not asked is no failure that would be remembered.
    expect(await ask(chip("c"))).toBe("network");
    expect(asked).toEqual(["amd-vcek", "amd-vcek", "amd-crl", "amd-vcek"]);
  });

  test("lets no number of requests for chips hold up what all need", async () => {
    const setting = await start();
    const held = Promise.withResolvers<void>();
    setting.serve = async (need) => {
      if (need.kind === "amd-vcek") await held.promise;
      return fakeItem(need, VALID, { fetchedAt: setting.clock.now() });
    };
    const chips = Array.from({ length: 9 }, (_, index) =>
      setting.ask({
        kind: "amd-vcek",
        product: "Milan",
        chipIdHex: String(index + 1).repeat(128),
        tcb: { fmc: undefined, bootloader: 1, tee: 1, snp: 1, microcode: 1 },
      }),
    );
    expect(summary(await setting.ask(NEEDS.crl))).toBe("network");
    expect(setting.asked.filter(({ url }) => url.includes("vcek/v1/Milan/1"))).toHaveLength(1);
    expect(setting.asked).toHaveLength(5);
    held.resolve();
    await Promise.all(chips);
  });
});
