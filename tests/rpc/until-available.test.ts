import { describe, expect, test } from "bun:test";
import type { ErrorCode } from "../../src/lib/error-codes.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { untilAvailable } from "../../src/rpc/until-available.ts";
import { codeOfAsync } from "../fakes/error-code.ts";

/** Runs a task on a clock of its own, on which each try takes `tryMs`. */
function run(codes: (attempt: number) => ErrorCode | undefined, tryMs = 0) {
  let nowMs = 1_000_000;
  const timeouts: number[] = [];
  const waits: string[] = [];
  const result = untilAvailable(
    (timeoutMs) => {
      timeouts.push(timeoutMs);
      nowMs += tryMs;
      const code = codes(timeouts.length);
      return code === undefined ? Promise.resolve("done") : Promise.reject(new ContrastError(code, "Cannot connect"));
    },
    {
      now: () => new Date(nowMs),
      sleep: (ms, signal) => {
        nowMs += ms;
        return signal.aborted ? Promise.reject(signal.reason) : Promise.resolve();
      },
      signal: new AbortController().signal,
      onWait: (error, attempt) => waits.push(`${attempt}: ${error.code}`),
    },
  );
  return { result, timeouts, waits, elapsedMs: () => nowMs - 1_000_000 };
}

describe("untilAvailable()", () => {
  test("gives the result of the first try that succeeds, and waits a second before each further one", async () => {
    const { result, waits, elapsedMs } = run((attempt) => (attempt < 4 ? "atls/unreachable" : undefined));
    expect(await result).toBe("done");
    expect(waits).toEqual(["1: atls/unreachable", "2: atls/unreachable", "3: atls/unreachable"]);
    expect(elapsedMs()).toBe(3000);
  });

  test.each(["atls/unreachable", "atls/handshake-closed", "atls/timeout", "rpc/unavailable"] as const)(
    "tries again after %s, for 180 seconds",
    async (code) => {
      const { result, timeouts, elapsedMs } = run(() => code);
      expect(await codeOfAsync(() => result)).toBe(code);
      expect(timeouts.length).toBe(180);
      expect(elapsedMs()).toBe(179_000);
    },
  );

  test.each([
    "attestation/rejected",
    "attestation/unchecked",
    "atls/handshake-refused",
    "atls/not-tls",
    "atls/no-http2",
    "atls/key-unproven",
    "atls/certificate-expired",
    "atls/attestation-timeout",
    "rpc/permission-denied",
    "rpc/recovery-needed",
    "rpc/timeout",
    "rpc/server-failed",
    "lib/interrupted",
  ] as const)("ends at once with %s", async (code) => {
    const { result, waits } = run(() => code);
    expect(await codeOfAsync(() => result)).toBe(code);
    expect(waits).toEqual([]);
  });

  test("gives a try 30 seconds, and less towards the end", async () => {
    const { result, timeouts, elapsedMs } = run(() => "atls/timeout", 30_000);
    await codeOfAsync(() => result);
    expect(timeouts).toEqual([30_000, 30_000, 30_000, 30_000, 30_000, 25_000]);
    expect(elapsedMs()).toBeLessThan(190_000);
  });

  test("passes on what is no error of ours", async () => {
    const options = { now: () => new Date(0), sleep: () => Promise.resolve(), onWait: () => {} };
    const failing = untilAvailable(() => Promise.reject(new TypeError("x")), {
      ...options,
      signal: new AbortController().signal,
    });
    expect(await failing.catch(String)).toBe("TypeError: x");
  });
});
