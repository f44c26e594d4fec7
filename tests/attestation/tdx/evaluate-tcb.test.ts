import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { convergeTcbStatus, isvLevelFor, platformLevelOf } from "../../../src/attestation/tdx/evaluate-tcb.ts";
import type { PlatformTcbLevel, TcbInfo } from "../../../src/attestation/tdx/tcb-info.ts";
import { severityOf, TCB_STATUSES, type TcbStatus } from "../../../src/attestation/tdx/tcb-status.ts";

describe("convergeTcbStatus()", () => {
  const OUT = "OutOfDate";
  const OUT_CONFIGURATION = "OutOfDateConfigurationNeeded";
  test.each([
    ["UpToDate", "UpToDate", "UpToDate"],
    ["SWHardeningNeeded", "UpToDate", "SWHardeningNeeded"],
    ["ConfigurationNeeded", "UpToDate", "ConfigurationNeeded"],
    ["ConfigurationAndSWHardeningNeeded", "UpToDate", "ConfigurationAndSWHardeningNeeded"],
    [OUT, "UpToDate", OUT],
    [OUT_CONFIGURATION, "UpToDate", OUT_CONFIGURATION],
    ["Revoked", "UpToDate", "Revoked"],
    ["UpToDate", OUT, OUT],
    ["SWHardeningNeeded", OUT, OUT],
    ["ConfigurationNeeded", OUT, OUT_CONFIGURATION],
    ["ConfigurationAndSWHardeningNeeded", OUT, OUT_CONFIGURATION],
    [OUT, OUT, OUT],
    [OUT_CONFIGURATION, OUT, OUT_CONFIGURATION],
    ["Revoked", OUT, "Revoked"],
    ["UpToDate", "Revoked", "Revoked"],
    [OUT, "Revoked", "Revoked"],
    ["UpToDate", "ConfigurationNeeded", "ConfigurationNeeded"],
    ["UpToDate", undefined, "UpToDate"],
    [OUT, undefined, OUT],
  ] as const)("makes of platform %s and module %s: %s", (platform, module, expected) => {
    expect(convergeTcbStatus(platform, module)).toBe(expected);
  });

  test("is never up to date unless both are", () => {
    for (const platform of TCB_STATUSES) {
      for (const module of TCB_STATUSES) {
        const isGood = convergeTcbStatus(platform, module) === "UpToDate";
        expect(isGood).toBe(platform === "UpToDate" && module === "UpToDate");
      }
    }
  });
});

const svn = fc.integer({ min: 0, max: 3 });
const parts = fc.array(svn, { minLength: 16, maxLength: 16 });
const status = fc.constantFrom<TcbStatus>(...TCB_STATUSES);
const level: fc.Arbitrary<PlatformTcbLevel> = fc.record({
  sgxComponents: parts,
  pceSvn: svn,
  tdxComponents: parts,
  status,
  tcbDate: fc.constantFrom(new Date(0), new Date(1000)),
  advisoryIds: fc.constant([]),
});

function infoWith(levels: readonly PlatformTcbLevel[]): TcbInfo {
  const module = { mrSigner: new Uint8Array(48), attributes: new Uint8Array(8), attributesMask: new Uint8Array(8) };
  return {
    id: "TDX",
    version: 3,
    issueDate: new Date(0),
    nextUpdate: new Date(1),
    evaluationDataNumber: 1,
    fmspc: "",
    pceId: "",
    module,
    moduleIdentities: [],
    levels,
  };
}

describe("platformLevelOf()", () => {
  test("does not depend on the order of the levels", () => {
    const shuffled = fc
      .array(level, { maxLength: 8 })
      .chain((levels) => fc.tuple(fc.constant(levels), fc.shuffledSubarray(levels, { minLength: levels.length })));
    fc.assert(
      fc.property(shuffled, parts, svn, parts, ([levels, mixed], sgxComponents, pceSvn, tee) => {
        const platform = { sgxComponents, pceSvn, teeTcbSvn: Uint8Array.from(tee) };
        const [one, two] = [levels, mixed].map((all) => platformLevelOf(infoWith(all), platform));
        expect([one?.status]).toEqual([two?.status]);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test("takes the worse of two equal levels", () => {
    const twice = (statuses: readonly TcbStatus[]): readonly PlatformTcbLevel[] =>
      statuses.map((status) => ({
        sgxComponents: Array.from({ length: 16 }, () => 0),
        pceSvn: 0,
        tdxComponents: Array.from({ length: 16 }, () => 0),
        status,
        tcbDate: new Date(0),
        advisoryIds: [],
      }));
    const platform = { sgxComponents: Array.from({ length: 16 }, () => 0), pceSvn: 0, teeTcbSvn: new Uint8Array(16) };
    expect(platformLevelOf(infoWith(twice(["UpToDate", "Revoked"])), platform)?.status).toBe("Revoked");
    expect(platformLevelOf(infoWith(twice(["Revoked", "UpToDate"])), platform)?.status).toBe("Revoked");
  });

  const base = { status: "UpToDate", tcbDate: new Date(0), advisoryIds: [] } as const;
  const ones = Array.from({ length: 16 }, () => 1);
  const platform = { sgxComponents: ones, pceSvn: 1, teeTcbSvn: new Uint8Array(16).fill(1).with(1, 0) };
  test.each(Array.from({ length: 16 }, (_, part) => [part] as const))("needs part %d of both TCBs", (part) => {
    const enough = { ...base, sgxComponents: ones, pceSvn: 1, tdxComponents: ones.with(1, 0) };
    expect(platformLevelOf(infoWith([enough]), platform)).toBe(enough);
    const sgx = { ...enough, sgxComponents: ones.with(part, 2) };
    expect(platformLevelOf(infoWith([sgx]), platform)).toBeUndefined();
    const tdx = { ...enough, tdxComponents: enough.tdxComponents.with(part, 2) };
    expect(platformLevelOf(infoWith([tdx]), platform)).toBeUndefined();
    // With a module identity the first two parts are not the platform's.
    const withModule = { ...platform, teeTcbSvn: platform.teeTcbSvn.with(1, 1) };
    expect(platformLevelOf(infoWith([tdx]), withModule) === tdx).toBe(part < 2);
  });

  test("needs PCESVN", () => {
    const high = { ...base, sgxComponents: ones, pceSvn: 2, tdxComponents: ones.with(1, 0) };
    expect(platformLevelOf(infoWith([high]), platform)).toBeUndefined();
  });
});

describe("isvLevelFor()", () => {
  const levels = (
    [
      [5, "UpToDate"],
      [2, "OutOfDate"],
      [3, "SWHardeningNeeded"],
      [3, "Revoked"],
    ] as const
  ).map(([isvSvn, status]) => ({ isvSvn, status, tcbDate: new Date(0), advisoryIds: [] }));

  test.each([
    [1, undefined],
    [2, "OutOfDate"],
    [3, "Revoked"],
    [4, "Revoked"],
    [5, "UpToDate"],
    [9, "UpToDate"],
  ])("finds for %d the level %s, in any order", (isvSvn, expected) => {
    expect(isvLevelFor(levels, isvSvn)?.status).toBe(expected as TcbStatus);
    expect(isvLevelFor(levels.toReversed(), isvSvn)?.status).toBe(expected as TcbStatus);
  });
});

describe("severityOf()", () => {
  test("calls UpToDate the best and Revoked the worst", () => {
    expect(TCB_STATUSES.map(severityOf)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
