import { ContrastError } from "../../lib/errors.ts";
import { parseGuestPolicy } from "./guest-policy.ts";
import {
  FIRST_VERSION_WITH_CPUID,
  REPORT_OFFSETS as AT,
  REPORT_SIZE,
  reservedRanges,
  SIGNATURE_PART_SIZE,
} from "./report-layout.ts";
import { parseSignerInfo } from "./signer-info.ts";
import type { SnpFirmwareVersion, SnpReport } from "./snp-report.ts";

const VERSIONS: readonly number[] = [2, 3, 4, 5];

/**
 * Reads an attestation report. Nothing is verified; but a report that the firmware could not have made is refused, so
 * that every byte which is no field is known to be zero.
 *
 * @param bytes exactly 1184 bytes; copied
 * @throws ContrastError `snp/report-length-wrong`, `snp/report-version-unknown`, `snp/report-reserved-set`, `snp/policy-reserved-set`,
 * `snp/signer-info-invalid`
 * @see AMD 56860 (SEV-SNP ABI), structure ATTESTATION_REPORT
 */
export function parseSnpReport(bytes: Uint8Array): SnpReport {
  checkLength(bytes);
  const own = bytes.slice();
  const view = new DataView(own.buffer);
  const u32 = (offset: number): number => view.getUint32(offset, true);
  const u64 = (offset: number): bigint => view.getBigUint64(offset, true);
  const field = (offset: number, size: number): Uint8Array => own.subarray(offset, offset + size);
  const version = u32(AT.version);
  checkVersion(version);
  checkReserved(own, version);
  const policy = u64(AT.policy);
  parseGuestPolicy(policy);
  return {
    version,
    guestSvn: u32(AT.guestSvn),
    policy,
    familyId: field(AT.familyId, 16),
    imageId: field(AT.imageId, 16),
    vmpl: u32(AT.vmpl),
    signatureAlgorithm: u32(AT.signatureAlgorithm),
    currentTcb: u64(AT.currentTcb),
    platformInfo: u64(AT.platformInfo),
    signerInfo: parseSignerInfo(u32(AT.signerInfo)),
    reportData: field(AT.reportData, 64),
    measurement: field(AT.measurement, 48),
    hostData: field(AT.hostData, 32),
    idKeyDigest: field(AT.idKeyDigest, 48),
    authorKeyDigest: field(AT.authorKeyDigest, 48),
    reportId: field(AT.reportId, 32),
    reportIdMa: field(AT.reportIdMa, 32),
    reportedTcb: u64(AT.reportedTcb),
    cpuid:
      version < FIRST_VERSION_WITH_CPUID
        ? undefined
        : {
            family: view.getUint8(AT.cpuidFamily),
            model: view.getUint8(AT.cpuidModel),
            stepping: view.getUint8(AT.cpuidStepping),
          },
    chipId: field(AT.chipId, 64),
    committedTcb: u64(AT.committedTcb),
    currentVersion: firmwareVersion(view, AT.currentVersion),
    committedVersion: firmwareVersion(view, AT.committedVersion),
    launchTcb: u64(AT.launchTcb),
    launchMitVector: u64(AT.launchMitVector),
    currentMitVector: u64(AT.currentMitVector),
    signatureR: field(AT.signature, SIGNATURE_PART_SIZE),
    signatureS: field(AT.signature + SIGNATURE_PART_SIZE, SIGNATURE_PART_SIZE),
  };
}

function checkLength(bytes: Uint8Array): void {
  const actual = bytes.length;
  if (actual === REPORT_SIZE) return;
  throw new ContrastError(
    "snp/report-length-wrong",
    `Cannot read SNP report: got ${actual} bytes, want ${REPORT_SIZE}`,
    {
      hint: "Fetch the report again; a saved report has 1184 bytes and nothing behind them.",
      details: { actual, expected: REPORT_SIZE },
    },
  );
}

function checkVersion(version: number): void {
  if (VERSIONS.includes(version)) return;
  throw new ContrastError("snp/report-version-unknown", `Cannot read SNP report: got version ${version}, want 2 to 5`, {
    details: { actual: version },
  });
}

function checkReserved(bytes: Uint8Array, version: number): void {
  for (const [start, end] of reservedRanges(version)) {
    const offset = bytes.subarray(start, end).findIndex((byte) => byte !== 0);
    if (offset === -1) continue;
    const place = `0x${(start + offset).toString(16)}`;
    throw new ContrastError("snp/report-reserved-set", `Cannot read SNP report: reserved byte ${place} is not zero`, {
      details: { place, version },
    });
  }
}

/** Three bytes, build first. */
function firmwareVersion(view: DataView, offset: number): SnpFirmwareVersion {
  return { build: view.getUint8(offset), minor: view.getUint8(offset + 1), major: view.getUint8(offset + 2) };
}
