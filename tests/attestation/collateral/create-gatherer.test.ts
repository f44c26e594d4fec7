import { describe, expect, test } from "bun:test";
import type { CollateralItem } from "../../../src/attestation/collateral-need.ts";
import { fakeItem, inspectFake, NEEDS } from "../../fakes/collateral-items.ts";
import { startGatherer, summary, throttled, VALID } from "../../fakes/gatherer-setting.ts";

const EXPIRED = { from: "2025-01-01", to: "2026-01-01" };
const YESTERDAY = new Date("2026-01-09T11:00:00Z");
const JUST_NOW = new Date("2026-01-10T11:59:00Z");
const WRONG = new TextEncoder().encode("something else");

const crl = (dates: typeof VALID, change: Partial<CollateralItem>): CollateralItem =>
  fakeItem(NEEDS.crl, dates, change);
const inCache = (dates: typeof VALID, fetchedAt: Date): CollateralItem => crl(dates, { origin: "cache", fetchedAt });

describe("createCollateralGatherer()", () => {
  test("prefers evidence, then files, then the cache, then the service", async () => {
    const evidence = crl(VALID, { origin: "evidence" });
    const files = [crl(VALID, { origin: "bundle" })];
    const cached = [inCache(VALID, JUST_NOW)];
    expect(summary(await (await startGatherer({ files, cached })).ask(NEEDS.crl, [evidence]))).toBe("evidence");
    expect(summary(await (await startGatherer({ files, cached })).ask())).toBe("bundle");
    expect(summary(await (await startGatherer({ cached })).ask())).toBe("cache");
    expect(summary(await (await startGatherer()).ask())).toBe("network");
  });

  test("keeps what the service gave, for the next time", async () => {
    const setting = await startGatherer();
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
    const setting = await startGatherer({ cached });
    expect(summary(await setting.ask(NEEDS.vcek))).toBe("cache");
    expect(summary(await setting.ask(NEEDS.chain))).toBe("cache");
    expect(setting.asked).toEqual([]);
  });

  test("refreshes an old copy with one request, and uses it with a note where that fails", async () => {
    const setting = await startGatherer({ cached: [inCache(VALID, YESTERDAY)] });
    setting.serve = () => throttled();
    const answer = await setting.ask();
    expect(summary(answer)).toBe("cache with note");
    expect(setting.asked.map(({ attempts }) => attempts)).toEqual([1]);
    const note = answer.found ? (answer.item.note ?? "") : "";
    expect(note).toContain("https://service.example answered 429");
    expect(note).toContain("1 day old");
  });

  test("gives out an expired copy, with a note, only where nothing better is to be had", async () => {
    const setting = await startGatherer({ cached: [inCache(EXPIRED, YESTERDAY)] });
    expect(summary(await setting.ask())).toBe("network");
    const down = await startGatherer({ cached: [inCache(EXPIRED, YESTERDAY)] });
    down.serve = () => throttled();
    expect(summary(await down.ask())).toBe("cache with note");
    expect(down.asked.map(({ attempts }) => attempts)).toEqual([4]);
  });

  test("prefers a valid cached copy to an expired one of the service, and keeps the later of two expired ones", async () => {
    const setting = await startGatherer({ cached: [inCache(VALID, YESTERDAY)] });
    setting.serve = (need) => fakeItem(need, EXPIRED);
    expect(summary(await setting.ask())).toBe("cache with note");
    const expired = await startGatherer({ cached: [inCache(EXPIRED, YESTERDAY)] });
    expired.serve = (need) => fakeItem(need, EXPIRED);
    expect(summary(await expired.ask())).toBe("network with note");
  });

  test("passes over supplied copies that are wrong or out of date, and comes back to the latter last", async () => {
    const setting = await startGatherer({ files: [crl(VALID, { origin: "bundle", body: WRONG })] });
    expect(summary(await setting.ask(NEEDS.crl, [crl(EXPIRED, { origin: "evidence" })]))).toBe("network");
    setting.clock.advance(48 * 60 * 60 * 1000);
    const offline = await startGatherer({ offline: true });
    expect(summary(await offline.ask(NEEDS.crl, [crl(EXPIRED, { origin: "evidence" })]))).toBe("evidence with note");
    const answer = await offline.ask(NEEDS.crl, [crl(VALID, { origin: "evidence", body: WRONG })]);
    expect(!answer.found && answer.reason).toContain("is not usable");
  });

  test("ignores and replaces a cached copy with wrong content", async () => {
    const setting = await startGatherer({ cached: [crl(VALID, { body: WRONG, fetchedAt: JUST_NOW })] });
    expect(summary(await setting.ask())).toBe("network");
    expect((await setting.cached())?.body).toEqual(crl(VALID, {}).body);
  });

  test("warns of wrong content in the cache, unless the cache is that of several roots", async () => {
    const cached = [crl(VALID, { body: WRONG, fetchedAt: JUST_NOW })];
    const levels = { warn: undefined, info: true };
    for (const [level, hasSharedCache] of Object.entries(levels)) {
      const setting = await startGatherer({ cached, ...(hasSharedCache === undefined ? {} : { hasSharedCache }) });
      expect(summary(await setting.ask())).toBe("network");
      expect(setting.logged.map((line) => line.split(" {")[0])).toEqual([`${level} ignoring collateral`]);
    }
  });

  test("neither uses nor keeps wrong content of the service", async () => {
    const setting = await startGatherer();
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
      const setting = await startGatherer({ cached: [inCache(later, YESTERDAY)] });
      setting.serve = (need) => fakeItem(need, answered, { fetchedAt: setting.clock.now() });
      const answer = await setting.ask();
      expect(summary(answer)).toBe("cache with note");
      expect(answer.found && answer.item.body).toEqual(crl(later, {}).body);
      expect(answer.found && answer.item.note).toContain("older copy");
      expect((await setting.cached())?.body).toEqual(crl(later, {}).body);
    }
    const both = await startGatherer({ cached: [inCache({ from: "2025-06-01", to: "2026-01-01" }, YESTERDAY)] });
    both.serve = (need) => fakeItem(need, EXPIRED);
    expect(summary(await both.ask())).toBe("cache with note");
    expect((await both.cached())?.body).toEqual(crl({ from: "2025-06-01", to: "2026-01-01" }, {}).body);
  });

  test("asks nobody offline, and says what to do", async () => {
    const setting = await startGatherer({ offline: true, cached: [inCache(VALID, YESTERDAY)] });
    expect(summary(await setting.ask())).toBe("cache with note");
    const answer = await setting.ask(NEEDS.rootCrl);
    expect(summary(answer)).toBe("missing");
    expect(!answer.found && answer.remedy).toContain("contrast collateral export");
    expect(!answer.found && answer.reason).toContain("--offline");
    expect(setting.asked).toEqual([]);
  });

  test("does not ask for the VCEK of a chip whose id is masked", async () => {
    const setting = await startGatherer();
    const answer = await setting.ask({ ...NEEDS.vcek, chipIdHex: "00".repeat(64) });
    expect(summary(answer)).toBe("missing");
    expect(setting.asked).toEqual([]);
    expect(!answer.found && answer.reason).toContain("masks its chip id");
  });

  test("asks once for a need that is named twice, and answers only what was asked", async () => {
    const { gather, asked, clock } = await startGatherer();
    const set = await gather([NEEDS.crl, { ...NEEDS.crl }], [], inspectFake, clock.now(), new AbortController().signal);
    expect(set.answer(NEEDS.crl).found).toBe(true);
    expect(set.answer(NEEDS.rootCrl).found).toBe(false);
    expect(asked.length).toBe(1);
  });
});
