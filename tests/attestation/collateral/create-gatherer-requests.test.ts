import { describe, expect, test } from "bun:test";
import { ATLS_TIMEOUT_MS } from "../../../src/attestation/atls/connect.ts";
import type { CollateralNeed } from "../../../src/attestation/collateral-need.ts";
import { NO_COLLATERAL_CACHE } from "../../../src/attestation/collateral/collateral-cache.ts";
import { createCollateralGatherer } from "../../../src/attestation/collateral/create-gatherer.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { fakeItem, inspectFake, NEEDS } from "../../fakes/collateral-items.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { NOW, startGatherer, summary, throttled, VALID } from "../../fakes/gatherer-setting.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { manualClock } from "../../fakes/manual-clock.ts";

describe("createCollateralGatherer()", () => {
  test("remembers failures for a short while, longer if the service asks for it", async () => {
    const setting = await startGatherer();
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
    const setting = await startGatherer();
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
    const setting = await startGatherer();
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
    const setting = await startGatherer();
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
    const setting = await startGatherer({ totalTimeoutMs: 5000 });
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
    const setting = await startGatherer();
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
    const setting = await startGatherer();
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
    const setting = await startGatherer();
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
