import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseGuestPolicy } from "../../../src/attestation/snp/guest-policy.ts";
import { parseSnpReport } from "../../../src/attestation/snp/parse-report.ts";
import { REPORT_OFFSETS as AT, REPORT_SIZE } from "../../../src/attestation/snp/report-layout.ts";
import type { SnpReport } from "../../../src/attestation/snp/snp-report.ts";
import { parseTcb } from "../../../src/attestation/snp/tcb.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { vectorsFolder } from "../../fakes/vectors.ts";

const FOLDER = vectorsFolder("snp");
const chip = amdChip();

/** A report with one byte changed and not signed anew. */
function withByte(offset: number, value: number, version = 3): Uint8Array {
  const bytes = chip.report({ version });
  bytes[offset] = value;
  return bytes;
}

/** A report in the form of `expected-fields.json`. */
function fieldsOf(report: SnpReport): Record<string, unknown> {
  const policy = parseGuestPolicy(report.policy);
  const tcb = (raw: bigint): Record<string, unknown> => {
    const { bootloader, tee, snp, microcode } = parseTcb(raw, "Milan");
    const reserved = (raw >> 16n) & 0xffffffffn;
    return { bootloader, tee, snp, microcode, reserved: reserved.toString(16).padStart(8, "0") };
  };
  return {
    version: report.version,
    guestSvn: report.guestSvn,
    policy: `0x${report.policy.toString(16)}`,
    policyFields: {
      abiMinor: policy.abiMinor,
      abiMajor: policy.abiMajor,
      smt: policy.smt,
      migrateMA: policy.migrateMa,
      debug: policy.debug,
      singleSocket: policy.singleSocket,
    },
    familyId: report.familyId.toHex(),
    imageId: report.imageId.toHex(),
    vmpl: report.vmpl,
    signatureAlgo: report.signatureAlgorithm,
    currentTcb: tcb(report.currentTcb),
    platformInfo: `0x${report.platformInfo.toString(16)}`,
    signerInfo: report.signerInfo,
    reportData: report.reportData.toHex(),
    measurement: report.measurement.toHex(),
    hostData: report.hostData.toHex(),
    idKeyDigest: report.idKeyDigest.toHex(),
    authorKeyDigest: report.authorKeyDigest.toHex(),
    reportId: report.reportId.toHex(),
    reportIdMa: report.reportIdMa.toHex(),
    reportedTcb: tcb(report.reportedTcb),
    cpuidFamily: report.cpuid?.family ?? 0,
    cpuidModel: report.cpuid?.model ?? 0,
    cpuidStepping: report.cpuid?.stepping ?? 0,
    chipId: report.chipId.toHex(),
    committedTcb: tcb(report.committedTcb),
    current: report.currentVersion,
    committed: report.committedVersion,
    launchTcb: tcb(report.launchTcb),
    launchMitVector: Number(report.launchMitVector),
    currentMitVector: Number(report.currentMitVector),
    signatureR: report.signatureR.toReversed().toHex(),
    signatureS: report.signatureS.toReversed().toHex(),
  };
}

describe("parseSnpReport()", () => {
  test.skipIf(FOLDER === undefined)("reads every field of real reports", () => {
    const expected = JSON.parse(readFileSync(join(FOLDER!, "expected-fields.json"), "utf8"));
    for (const [name, fields] of Object.entries<Record<string, unknown>>(expected)) {
      const actual = fieldsOf(parseSnpReport(readFileSync(join(FOLDER!, `${name}.report.bin`))));
      expect(actual).toEqual(fields);
    }
  });

  test.each([2, 3, 4, 5])("reads version %d", (version) => {
    expect(parseSnpReport(chip.report({ version })).version).toBe(version);
  });

  test.each([0, 1, 6, 0x102, 0xffffffff])("refuses version %d", (version) => {
    const bytes = chip.report();
    new DataView(bytes.buffer).setUint32(0, version, true);
    expect(codeOf(() => parseSnpReport(bytes))).toBe("snp/report-version-unknown");
  });

  test("refuses every other length", () => {
    const bytes = new Uint8Array(2 * REPORT_SIZE);
    bytes.set(chip.report());
    const accepted = Array.from({ length: bytes.length }, (_, length) => length).filter(
      (length) => codeOf(() => parseSnpReport(bytes.subarray(0, length))) !== "snp/report-length-wrong",
    );
    expect(accepted).toEqual([REPORT_SIZE]);
  });

  test.each([
    [2, 0x04c],
    [2, 0x04f],
    [2, 0x188],
    [2, 0x189],
    [2, 0x18a],
    [2, 0x18b],
    [2, 0x19f],
    [2, 0x1f8],
    [2, 0x207],
    [3, 0x04c],
    [3, 0x18b],
    [3, 0x19f],
    [3, 0x1eb],
    [3, 0x1ef],
    [3, 0x1f8],
    [3, 0x1ff],
    [3, 0x200],
    [3, 0x208],
    [4, 0x1f8],
    [4, 0x207],
    [5, 0x208],
    [5, 0x29f],
    [5, 0x330],
    [5, 0x49f],
  ])("refuses a reserved byte in version %d at %d", (version, offset) => {
    expect(codeOf(() => parseSnpReport(withByte(offset, 1, version)))).toBe("snp/report-reserved-set");
  });

  test("takes every byte of a report either as a field or as reserved", () => {
    const reserved = Array.from({ length: REPORT_SIZE }, (_, offset) => offset).filter((offset) => {
      const bytes = chip.report({ version: 5 });
      bytes[offset] = (bytes[offset] ?? 0) ^ 0x20;
      return codeOf(() => parseSnpReport(bytes)) === "snp/report-reserved-set";
    });
    const ranges = [
      [0x4c, 0x50],
      [0x18b, 0x1a0],
      [0x1eb, 0x1ec],
      [0x1ef, 0x1f0],
      [0x208, 0x2a0],
      [0x330, 0x4a0],
    ];
    expect(reserved).toEqual(
      ranges.flatMap(([start, end]) => Array.from({ length: end! - start! }, (_, i) => start! + i)),
    );
  });

  test("refuses a policy whose bit 17 is zero", () => {
    expect(codeOf(() => parseSnpReport(withByte(AT.policy + 2, 0x01)))).toBe("snp/policy-reserved-set");
  });

  test.each([26, 31, 32, 63])("refuses a policy with bit %d", (bit) => {
    const bytes = chip.report({ policy: 0x30000n | (1n << BigInt(bit)) });
    expect(codeOf(() => parseSnpReport(bytes))).toBe("snp/policy-reserved-set");
  });

  test.each([8, 12, 16, 20, 24, 32, 0x80000000])("refuses signer info %d", (signerInfo) => {
    expect(codeOf(() => parseSnpReport(chip.report({ signerInfo })))).toBe("snp/signer-info-invalid");
  });

  test.each([
    [0, "VCEK", false, false],
    [1, "VCEK", true, false],
    [2, "VCEK", false, true],
    [4, "VLEK", false, false],
    [28, "none", false, false],
  ] as const)("reads signer info %d", (signerInfo, signingKey, authorKeyEn, maskChipKey) => {
    const { raw, ...parsed } = parseSnpReport(chip.report({ signerInfo })).signerInfo;
    expect(parsed).toEqual({ signingKey, authorKeyEn, maskChipKey });
    expect(raw).toBe(signerInfo);
  });

  test("reads mitigation vectors of version 5", () => {
    const report = parseSnpReport(chip.report({ version: 5, launchMitVector: 3n, currentMitVector: 1n << 63n }));
    expect([report.launchMitVector, report.currentMitVector]).toEqual([3n, 1n << 63n]);
  });

  test("keeps nothing of the bytes that it was given", () => {
    const bytes = chip.report();
    const report = parseSnpReport(bytes);
    bytes.fill(0);
    expect(report.measurement.toHex()).toBe("4d".repeat(48));
  });
});
