import type { SnpProduct } from "../collateral-need.ts";
import { isMaskedChipId } from "./endorsement-binding.ts";
import { parseGuestPolicy } from "./guest-policy.ts";
import { renderPlatformInfo } from "./platform-checks.ts";
import { describeGuestPolicy } from "./policy-checks.ts";
import { productOfCpuid } from "./product.ts";
import type { SignerInfo } from "./signer-info.ts";
import type { SnpFirmwareVersion, SnpReport } from "./snp-report.ts";
import { parseTcb, TCB_PARTS } from "./tcb.ts";

/** One field of a report, for people and as data. */
export interface ReportField {
  /** As the specification writes it. */
  readonly name: string;
  /** Raw: lower-case hex for bytes, decimal for counters, `0x…` for bit fields. */
  readonly value: string;
  /** What the value says, where it is not plain. */
  readonly meaning: string | undefined;
}

/**
 * Every field of a report with its meaning, in the order of the report. Nothing of it is verified.
 *
 * @param product decides the layout of TCB versions; by default what the report itself says
 */
export function describeSnpReport(
  report: SnpReport,
  product: SnpProduct | undefined = report.cpuid && productOfCpuid(report.cpuid),
): readonly ReportField[] {
  const tcb = (raw: bigint): string => describeTcb(raw, product);
  return [
    field("VERSION", String(report.version)),
    field("GUEST_SVN", String(report.guestSvn)),
    field("POLICY", hex(report.policy, 16), describePolicy(report.policy)),
    field("FAMILY_ID", report.familyId.toHex()),
    field("IMAGE_ID", report.imageId.toHex()),
    field("VMPL", String(report.vmpl), report.vmpl === 0 ? "most privileged level of the guest" : undefined),
    field("SIGNATURE_ALGO", String(report.signatureAlgorithm), describeAlgorithm(report.signatureAlgorithm)),
    field("CURRENT_TCB", hex(report.currentTcb, 16), tcb(report.currentTcb)),
    field("PLATFORM_INFO", hex(report.platformInfo, 16), renderPlatformInfo(report.platformInfo)),
    field("SIGNER_INFO", hex(BigInt(report.signerInfo.raw), 8), describeSigner(report.signerInfo)),
    field("REPORT_DATA", report.reportData.toHex()),
    field("MEASUREMENT", report.measurement.toHex(), "launch digest"),
    field("HOST_DATA", report.hostData.toHex(), "policy hash of a Contrast guest"),
    field("ID_KEY_DIGEST", report.idKeyDigest.toHex(), isZero(report.idKeyDigest) ? "no ID block" : undefined),
    field(
      "AUTHOR_KEY_DIGEST",
      report.authorKeyDigest.toHex(),
      isZero(report.authorKeyDigest) ? "no author key" : undefined,
    ),
    field("REPORT_ID", report.reportId.toHex()),
    field("REPORT_ID_MA", report.reportIdMa.toHex(), isOnes(report.reportIdMa) ? "no migration agent" : undefined),
    field("REPORTED_TCB", hex(report.reportedTcb, 16), tcb(report.reportedTcb)),
    field("CPUID", ...describeCpuid(report)),
    field("CHIP_ID", report.chipId.toHex(), isMaskedChipId(report.chipId) ? "masked by the host" : undefined),
    field("COMMITTED_TCB", hex(report.committedTcb, 16), tcb(report.committedTcb)),
    field("CURRENT_VERSION", renderVersion(report.currentVersion), "SEV firmware"),
    field("COMMITTED_VERSION", renderVersion(report.committedVersion), "SEV firmware"),
    field("LAUNCH_TCB", hex(report.launchTcb, 16), tcb(report.launchTcb)),
    field("LAUNCH_MIT_VECTOR", hex(report.launchMitVector, 16)),
    field("CURRENT_MIT_VECTOR", hex(report.currentMitVector, 16)),
    field("SIGNATURE_R", report.signatureR.toReversed().toHex()),
    field("SIGNATURE_S", report.signatureS.toReversed().toHex()),
  ];
}

function field(name: string, value: string, meaning?: string): ReportField {
  return { name, value, meaning };
}

function describePolicy(policy: bigint): string {
  const parsed = parseGuestPolicy(policy);
  const bits = describeGuestPolicy(parsed).map(([, meaning]) => meaning);
  return [`ABI ${parsed.abiMajor}.${parsed.abiMinor} or newer`, ...bits].join(", ");
}

function describeAlgorithm(algorithm: number): string {
  return algorithm === 1 ? "ECDSA P-384 with SHA-384" : "unknown";
}

function describeTcb(raw: bigint, product: SnpProduct | undefined): string {
  const tcb = parseTcb(raw, product);
  return TCB_PARTS.flatMap((part) => (tcb[part] === undefined ? [] : [`${part} ${tcb[part]}`])).join(", ");
}

function describeSigner({ signingKey, authorKeyEn, maskChipKey }: SignerInfo): string {
  const parts = [signingKey === "none" ? "not signed" : `signed by the ${signingKey}`];
  if (authorKeyEn) parts.push("with author key");
  if (maskChipKey) parts.push("the host forbids signing");
  return parts.join(", ");
}

function describeCpuid({ cpuid }: SnpReport): [value: string, meaning: string] {
  if (cpuid === undefined) return ["", "not in reports of version 2"];
  const { family, model, stepping } = cpuid;
  const text = [family, model, stepping].map((part) => part.toString(16).padStart(2, "0")).join("");
  return [
    text,
    `family ${family}, model ${model}, stepping ${stepping}: ${productOfCpuid(cpuid) ?? "unknown product"}`,
  ];
}

function renderVersion({ major, minor, build }: SnpFirmwareVersion): string {
  return `${major}.${minor}.${build}`;
}

function hex(value: bigint, digits: number): string {
  return `0x${value.toString(16).padStart(digits, "0")}`;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function isOnes(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0xff);
}
