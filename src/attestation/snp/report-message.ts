import { create } from "@bufbuild/protobuf";
import { ContrastError } from "../../lib/errors.ts";
import { type Report, ReportSchema } from "../../proto/sevsnp_pb.ts";
import { decodeCpuidEax, encodeCpuidEax } from "./cpuid-eax.ts";
import { FIRST_VERSION_WITH_CPUID, REPORT_OFFSETS as AT, REPORT_SIZE, SIGNATURE_SIZE } from "./report-layout.ts";
import type { SnpReport } from "./snp-report.ts";

/**
 * Rebuilds a report from its protobuf form, byte for byte as the firmware made it: the signature covers bytes, and what
 * is no field of the message is zero in every report.
 *
 * @returns 1184 bytes
 * @throws ContrastError `snp/attestation-invalid` for a byte field of another size and for numbers that do not fit
 */
export function reportFromMessage(message: Report): Uint8Array {
  const bytes = new Uint8Array(REPORT_SIZE);
  const view = new DataView(bytes.buffer);
  const u32 = (offset: number, value: number): void => view.setUint32(offset, value, true);
  const u64 = (offset: number, value: bigint): void => view.setBigUint64(offset, value, true);
  const u8 = (offset: number, name: string, value: number): void => {
    if (value > 0xff) throw invalid(`${name} is ${value}, want at most 255`);
    view.setUint8(offset, value);
  };
  const field = (offset: number, size: number, name: string, value: Uint8Array): void => {
    if (value.length !== size) throw invalid(`${name} has ${value.length} bytes, want ${size}`);
    bytes.set(value, offset);
  };
  u32(AT.version, message.version);
  u32(AT.guestSvn, message.guestSvn);
  u64(AT.policy, message.policy);
  field(AT.familyId, 16, "family_id", message.familyId);
  field(AT.imageId, 16, "image_id", message.imageId);
  u32(AT.vmpl, message.vmpl);
  u32(AT.signatureAlgorithm, message.signatureAlgo);
  u64(AT.currentTcb, message.currentTcb);
  u64(AT.platformInfo, message.platformInfo);
  u32(AT.signerInfo, message.signerInfo);
  field(AT.reportData, 64, "report_data", message.reportData);
  field(AT.measurement, 48, "measurement", message.measurement);
  field(AT.hostData, 32, "host_data", message.hostData);
  field(AT.idKeyDigest, 48, "id_key_digest", message.idKeyDigest);
  field(AT.authorKeyDigest, 48, "author_key_digest", message.authorKeyDigest);
  field(AT.reportId, 32, "report_id", message.reportId);
  field(AT.reportIdMa, 32, "report_id_ma", message.reportIdMa);
  u64(AT.reportedTcb, message.reportedTcb);
  bytes.set(cpuidBytes(message), AT.cpuidFamily);
  field(AT.chipId, 64, "chip_id", message.chipId);
  u64(AT.committedTcb, message.committedTcb);
  u8(AT.currentVersion, "current_build", message.currentBuild);
  u8(AT.currentVersion + 1, "current_minor", message.currentMinor);
  u8(AT.currentVersion + 2, "current_major", message.currentMajor);
  u8(AT.committedVersion, "committed_build", message.committedBuild);
  u8(AT.committedVersion + 1, "committed_minor", message.committedMinor);
  u8(AT.committedVersion + 2, "committed_major", message.committedMajor);
  u64(AT.launchTcb, message.launchTcb);
  u64(AT.launchMitVector, message.launchMitVector);
  u64(AT.currentMitVector, message.currentMitVector);
  field(AT.signature, SIGNATURE_SIZE, "signature", message.signature);
  return bytes;
}

/** The inverse of `reportFromMessage`. */
export function reportToMessage(report: SnpReport, reportBytes: Uint8Array): Report {
  return create(ReportSchema, {
    version: report.version,
    guestSvn: report.guestSvn,
    policy: report.policy,
    familyId: report.familyId,
    imageId: report.imageId,
    vmpl: report.vmpl,
    signatureAlgo: report.signatureAlgorithm,
    currentTcb: report.currentTcb,
    platformInfo: report.platformInfo,
    signerInfo: report.signerInfo.raw,
    reportData: report.reportData,
    measurement: report.measurement,
    hostData: report.hostData,
    idKeyDigest: report.idKeyDigest,
    authorKeyDigest: report.authorKeyDigest,
    reportId: report.reportId,
    reportIdMa: report.reportIdMa,
    reportedTcb: report.reportedTcb,
    chipId: report.chipId,
    committedTcb: report.committedTcb,
    currentBuild: report.currentVersion.build,
    currentMinor: report.currentVersion.minor,
    currentMajor: report.currentVersion.major,
    committedBuild: report.committedVersion.build,
    committedMinor: report.committedVersion.minor,
    committedMajor: report.committedVersion.major,
    launchTcb: report.launchTcb,
    signature: reportBytes.subarray(AT.signature, REPORT_SIZE),
    cpuid1eaxFms: report.cpuid === undefined ? 0 : encodeCpuidEax(report.cpuid),
    launchMitVector: report.launchMitVector,
    currentMitVector: report.currentMitVector,
  });
}

/** Family, model and stepping as they stand in the report. */
function cpuidBytes({ version, cpuid1eaxFms }: Report): Uint8Array {
  if (version < FIRST_VERSION_WITH_CPUID) {
    if (cpuid1eaxFms !== 0) throw invalid("cpuid1eax_fms is set for a report of version 2");
    return new Uint8Array(3);
  }
  const cpuid = decodeCpuidEax(cpuid1eaxFms);
  if (cpuid === undefined) throw invalid(`cpuid1eax_fms is 0x${cpuid1eaxFms.toString(16)}, which no processor has`);
  return Uint8Array.of(cpuid.family, cpuid.model, cpuid.stepping);
}

function invalid(fact: string): ContrastError {
  return new ContrastError("snp/attestation-invalid", `Cannot read SNP evidence: ${fact}`);
}
