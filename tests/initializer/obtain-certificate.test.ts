import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { obtainCertificate, type RequestMeans } from "../../src/initializer/obtain-certificate.ts";
import type { ErrorCode } from "../../src/lib/error-codes.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import type { MeshDialOptions } from "../../src/rpc/dial-mesh-api.ts";
import type { MeshCertificate } from "../../src/rpc/mesh-certificate.ts";
import { REPORT_DATA_ISSUER } from "../fakes/atls/report-data-issuer.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { type RecordedLog, recordLog } from "../fakes/image-provider.ts";
import { type ManualClock, manualClock } from "../fakes/manual-clock.ts";

const KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const CERTIFICATE: MeshCertificate = {
  meshCaPem: new Uint8Array([1]),
  certChainPem: new Uint8Array([2]),
  rootCaPem: new Uint8Array([3]),
  workloadSecret: new Uint8Array(64).fill(0xcd),
};

interface Run {
  readonly clock: ManualClock;
  readonly log: RecordedLog;
  readonly dialled: MeshDialOptions[];
  readonly closed: () => number;
  readonly result: Promise<MeshCertificate>;
}

/** Fails once with each of `dialling` while dialling, then once with each of `calling` in the call, then succeeds. */
function run(dialling: readonly unknown[], calling: readonly unknown[] = [], change: Partial<RequestMeans> = {}): Run {
  const clock = manualClock("2026-01-01T00:00:00Z");
  const log = recordLog();
  const dialled: MeshDialOptions[] = [];
  let closed = 0;
  const result = obtainCertificate(
    { endpoint: { host: "coordinator", port: 7777 }, key: KEY, issuer: REPORT_DATA_ISSUER },
    {
      dial: (_endpoint, options) => {
        const attempt = dialled.push(options) - 1;
        if (attempt < dialling.length) return Promise.reject(dialling[attempt]);
        const failure = calling[attempt - dialling.length];
        return Promise.resolve({
          newMeshCert: () => (failure === undefined ? Promise.resolve(CERTIFICATE) : Promise.reject(failure)),
          close: () => void closed++,
        });
      },
      now: clock.now,
      sleep: clock.sleep,
      log,
      signal: new AbortController().signal,
      ...change,
    },
  );
  return { clock, log, dialled, closed: () => closed, result };
}

function failure(code: ErrorCode): ContrastError {
  return new ContrastError(code, "test", { hint: "look" });
}

describe("obtainCertificate()", () => {
  test("asks once where that is enough, without attesting the Coordinator", async () => {
    const { result, clock, dialled, closed, log } = run([]);
    expect(await result).toBe(CERTIFICATE);
    expect([clock.slept, closed(), log.lines]).toEqual([[], 1, []]);
    expect([dialled[0]?.key === KEY, dialled[0]?.validate]).toEqual([true, undefined]);
  });

  test("tries again ten seconds after each failure, with the same key, over a new connection", async () => {
    const { result, clock, dialled, closed } = run(
      [failure("atls/unreachable"), failure("atls/timeout"), failure("atls/handshake-refused"), failure("issuer/busy")],
      [failure("rpc/policy-not-in-manifest"), failure("rpc/client-refused"), failure("rpc/mesh-certificate-invalid")],
    );
    expect(await result).toBe(CERTIFICATE);
    expect(clock.slept).toEqual(Array.from({ length: 7 }, () => 10_000));
    expect(dialled.every(({ key }) => key === KEY)).toBe(true);
    expect(closed()).toBe(4);
  });

  test("warns of each new kind of failure at once, and of one that repeats itself every ten minutes", async () => {
    const denied = Array.from({ length: 200 }, () => failure("rpc/policy-not-in-manifest"));
    const { result, log } = run([failure("atls/unreachable"), failure("atls/unreachable")], denied);
    await result;
    const warnings = log.lines.filter((line) => line.startsWith("warn "));
    expect(warnings.map((line) => /"attempt":(\d+),"code":"([^"]+)"/.exec(line)?.slice(1))).toEqual([
      ["1", "atls/unreachable"],
      ["3", "rpc/policy-not-in-manifest"],
      ["63", "rpc/policy-not-in-manifest"],
      ["123", "rpc/policy-not-in-manifest"],
      ["183", "rpc/policy-not-in-manifest"],
    ]);
    expect(warnings[0]).toContain('"hint":"look"');
    expect(log.lines.length).toBe(202);
  });

  test("never logs the answer", async () => {
    const { result, log } = run([failure("atls/unreachable")]);
    await result;
    expect(log.lines.join("\n")).not.toContain("cdcd");
  });

  test.each(["atls/late-certificate-unsupported", "lib/internal"] as const)("gives up on %s", async (code) => {
    const { result, dialled } = run([failure(code)]);
    expect(await codeOfAsync(() => result)).toBe(code);
    expect(dialled.length).toBe(1);
  });

  test("gives up on a defect of the program", async () => {
    const defect = new TypeError("defect");
    expect(await run([defect]).result.catch((error: unknown) => error)).toBe(defect);
  });

  test("ends with a signal, during a try and between two", async () => {
    const controller = new AbortController();
    controller.abort();
    const { signal } = controller;
    for (const error of [failure("rpc/timeout"), new DOMException("aborted", "AbortError")]) {
      expect(await codeOfAsync(() => run([error], [], { signal }).result)).toBe("lib/interrupted");
    }
    const late = new AbortController();
    const sleep = (): Promise<void> => {
      late.abort();
      return Promise.reject(new Error("aborted"));
    };
    const between = run([failure("rpc/timeout")], [], { signal: late.signal, sleep });
    expect(await codeOfAsync(() => between.result)).toBe("lib/interrupted");
  });
});
