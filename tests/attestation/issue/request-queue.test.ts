import { describe, expect, test } from "bun:test";
import type { RawEvidence, RawIssuer } from "../../../src/attestation/issue/raw-evidence.ts";
import { createRequestQueue } from "../../../src/attestation/issue/request-queue.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { type ManualClock, manualClock } from "../../fakes/manual-clock.ts";

const NEVER = new AbortController().signal;

interface Setting {
  readonly ask: RawIssuer["request"];
  readonly clock: ManualClock;
  /** Requests in the order in which they reached the machine, and how many were there at once at most. */
  readonly seen: number[];
  mostAtOnce: number;
}

/** A queue before a machine that takes a while, or fails as told for try `count`. */
function start(answer: (data: number, count: number) => Promise<void> | void): Setting {
  const clock = manualClock("2026-01-10T12:00:00Z");
  const seen: number[] = [];
  let running = 0;
  const request = async ([data = 0]: Uint8Array): Promise<RawEvidence> => {
    seen.push(data);
    setting.mostAtOnce = Math.max(setting.mostAtOnce, ++running);
    try {
      await answer(data, seen.filter((other) => other === data).length);
      return { tee: "snp", bytes: Uint8Array.of(data), certificateTable: new Uint8Array() };
    } finally {
      running--;
    }
  };
  const raw: RawIssuer = { tee: "snp", source: "test", request };
  const setting: Setting = {
    ask: createRequestQueue(raw, { log: recordLog(), sleep: clock.sleep }),
    clock,
    seen,
    mostAtOnce: 0,
  };
  return setting;
}

const busy = (code: "issuer/busy" | "issuer/disturbed" | "issuer/host-failed" = "issuer/busy"): never => {
  throw new ContrastError(code, "Cannot");
};

describe("createRequestQueue()", () => {
  test("lets requests reach the machine one at a time, in their order, each with its own answer", async () => {
    const setting = start(() => Promise.resolve());
    const data = Array.from({ length: 50 }, (_, index) => index);
    const answers = await Promise.all(data.map((byte) => setting.ask(Uint8Array.of(byte), NEVER)));
    expect(answers.map(({ bytes }) => bytes[0])).toEqual(data);
    expect({ seen: setting.seen, atOnce: setting.mostAtOnce }).toEqual({ seen: data, atOnce: 1 });
  });

  test.each(["issuer/busy", "issuer/disturbed"] as const)("tries again, ever more slowly, after %s", async (code) => {
    const setting = start((_, count) => (count < 5 ? busy(code) : undefined));
    expect((await setting.ask(Uint8Array.of(1), NEVER)).bytes).toEqual(Uint8Array.of(1));
    expect(setting.seen.length).toBe(5);
    for (const [index, bound] of [250, 500, 1000, 2000].entries()) {
      expect(setting.clock.slept[index]).toBeGreaterThanOrEqual(bound / 2);
      expect(setting.clock.slept[index]).toBeLessThanOrEqual(bound);
    }
  });

  test("gives up after eight tries, within half a minute", async () => {
    const setting = start(() => busy());
    expect(await codeOfAsync(() => setting.ask(Uint8Array.of(1), NEVER))).toBe("issuer/busy");
    expect(setting.seen.length).toBe(8);
    expect(setting.clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(30_000);
  });

  test("does not try again what will fail again, and goes on with the next", async () => {
    const setting = start((data) => (data === 1 ? busy("issuer/host-failed") : undefined));
    const codes = await Promise.all(
      [1, 2, 1, 3].map((byte) => codeOfAsync(() => setting.ask(Uint8Array.of(byte), NEVER))),
    );
    expect(codes).toEqual([
      "issuer/host-failed",
      "no error, returned object",
      "issuer/host-failed",
      "no error, returned object",
    ]);
    expect(setting.seen).toEqual([1, 2, 1, 3]);
  });

  test("waits a second for the machine, so that it cleans up before the program ends", async () => {
    let finish = (): void => {};
    const slow = new Promise<void>((resolve) => (finish = resolve));
    const slept: number[] = [];
    const order: string[] = [];
    const request = async (): Promise<RawEvidence> => {
      await slow;
      order.push("cleaned up");
      return { tee: "snp", bytes: new Uint8Array(), certificateTable: new Uint8Array() };
    };
    const sleep = (ms: number): Promise<void> => {
      slept.push(ms);
      return new Promise(() => {});
    };
    const ask = createRequestQueue({ tee: "snp", source: "test", request }, { log: recordLog(), sleep });
    const abort = new AbortController();
    const asked = codeOfAsync(() => ask(Uint8Array.of(1), abort.signal)).then((code) => order.push(code));
    abort.abort();
    await Bun.sleep(0);
    expect([order, slept]).toEqual([[], [1000]]);
    finish();
    await asked;
    expect(order).toEqual(["cleaned up", "lib/interrupted"]);
  });

  test("ends for who is interrupted, while the machine goes on, and lets the next one wait for it", async () => {
    let finish = (): void => {};
    const slow = new Promise<void>((resolve) => (finish = resolve));
    const setting = start((data) => (data === 1 ? slow : undefined));
    const abort = new AbortController();
    const first = codeOfAsync(() => setting.ask(Uint8Array.of(1), abort.signal));
    const second = setting.ask(Uint8Array.of(2), NEVER);
    abort.abort();
    expect(await first).toBe("lib/interrupted");
    expect(setting.seen).toEqual([1]);
    finish();
    expect((await second).bytes).toEqual(Uint8Array.of(2));
  });

  test("asks nothing for who was interrupted while waiting", async () => {
    let finish = (): void => {};
    const slow = new Promise<void>((resolve) => (finish = resolve));
    const setting = start((data) => (data === 1 ? slow : undefined));
    const abort = new AbortController();
    const first = setting.ask(Uint8Array.of(1), NEVER);
    const second = codeOfAsync(() => setting.ask(Uint8Array.of(2), abort.signal));
    const third = setting.ask(Uint8Array.of(3), NEVER);
    abort.abort();
    expect(await second).toBe("lib/interrupted");
    expect(setting.clock.slept).toEqual([]);
    finish();
    await Promise.all([first, third]);
    expect(setting.seen).toEqual([1, 3]);
  });

  test("ends for who is interrupted between two tries", async () => {
    const abort = new AbortController();
    const setting = start(() => {
      abort.abort();
      busy();
    });
    expect(await codeOfAsync(() => setting.ask(Uint8Array.of(1), abort.signal))).toBe("lib/interrupted");
    expect(setting.seen.length).toBe(1);
  });
});
