import type { SnpProduct, SnpSigningKey, TcbVersion } from "../../attestation/collateral-need.ts";
import {
  FIRST_VERSION_WITH_CPUID,
  REPORT_OFFSETS as AT,
  REPORT_SIZE,
  SIGNATURE_PART_SIZE,
  SIGNED_SIZE,
} from "../../attestation/snp/report-layout.ts";
import { composeTcb } from "../../attestation/snp/tcb.ts";
import type { KeyPair } from "../key-pair.ts";
import { signRaw } from "../signer.ts";

/** The chip that makes a report. */
export interface ReportingChip {
  readonly product: SnpProduct;
  /** Of all TCB fields for which a report asks no other. */
  readonly tcb: TcbVersion;
  /** 64 bytes; on Turin those behind the eighth are zero. */
  readonly chipId: Uint8Array;
}

/** Fields of a report; what is left out has the value that it has for an ordinary guest. */
export interface ReportFields {
  /** 3 where nothing is said. */
  readonly version?: number;
  readonly guestSvn?: number;
  readonly policy?: bigint;
  readonly familyId?: Uint8Array;
  readonly imageId?: Uint8Array;
  readonly vmpl?: number;
  readonly signatureAlgorithm?: number;
  readonly platformInfo?: bigint;
  /** Whole field; by default what `signingKey` says. */
  readonly signerInfo?: number;
  readonly signingKey?: SnpSigningKey;
  /** 64 bytes. */
  readonly reportData?: Uint8Array;
  /** Launch digest, 48 bytes. */
  readonly measurement?: Uint8Array;
  /** 32 bytes. */
  readonly hostData?: Uint8Array;
  /** 32 bytes. */
  readonly reportId?: Uint8Array;
  readonly chipId?: Uint8Array;
  readonly currentTcb?: TcbVersion;
  readonly reportedTcb?: TcbVersion;
  readonly committedTcb?: TcbVersion;
  readonly launchTcb?: TcbVersion;
  readonly cpuid?: readonly [family: number, model: number, stepping: number];
  readonly currentVersion?: readonly [major: number, minor: number, build: number];
  readonly committedVersion?: readonly [major: number, minor: number, build: number];
  readonly launchMitVector?: bigint;
  readonly currentMitVector?: bigint;
}

const CPUIDS: Readonly<Record<SnpProduct, readonly [number, number, number]>> = {
  Milan: [0x19, 0x01, 1],
  Genoa: [0x19, 0x11, 1],
  Turin: [0x1a, 0x02, 0],
};

/** SMT allowed, reserved bit 17: what QEMU starts guests of Contrast with. */
const GUEST_POLICY = 0x30000n;
/** SMT, ECC, alias check complete: what real machines of 2025 report. */
const PLATFORM_INFO = 0x25n;
const ECDSA_P384_SHA384 = 1;
const VLEK_SIGNED = 4;
const FIRMWARE_VERSION = [1, 55, 29] as const;
/** Big-endian bytes of each half of a P-384 signature. */
const HALF_SIGNATURE = 48;

/** A report, 1184 bytes, without its signature. @see AMD 56860 (SEV-SNP ABI), structure ATTESTATION_REPORT */
export function encodeSnpReport(chip: ReportingChip, fields: ReportFields): Uint8Array {
  const bytes = new Uint8Array(REPORT_SIZE);
  const view = new DataView(bytes.buffer);
  const { version = FIRST_VERSION_WITH_CPUID } = fields;
  const tcbAt = (offset: number, value = chip.tcb): void =>
    view.setBigUint64(offset, composeTcb(value, chip.product), true);
  view.setUint32(AT.version, version, true);
  view.setUint32(AT.guestSvn, fields.guestSvn ?? 0, true);
  view.setBigUint64(AT.policy, fields.policy ?? GUEST_POLICY, true);
  bytes.set(fields.familyId ?? [], AT.familyId);
  bytes.set(fields.imageId ?? [], AT.imageId);
  view.setUint32(AT.vmpl, fields.vmpl ?? 0, true);
  view.setUint32(AT.signatureAlgorithm, fields.signatureAlgorithm ?? ECDSA_P384_SHA384, true);
  view.setBigUint64(AT.platformInfo, fields.platformInfo ?? PLATFORM_INFO, true);
  view.setUint32(AT.signerInfo, fields.signerInfo ?? (fields.signingKey === "VLEK" ? VLEK_SIGNED : 0), true);
  bytes.set(fields.reportData ?? [], AT.reportData);
  bytes.set(fields.measurement ?? [], AT.measurement);
  bytes.set(fields.hostData ?? [], AT.hostData);
  bytes.set(fields.reportId ?? [], AT.reportId);
  // No migration agent.
  bytes.fill(0xff, AT.reportIdMa, AT.reportIdMa + 32);
  if (version >= FIRST_VERSION_WITH_CPUID) bytes.set(fields.cpuid ?? CPUIDS[chip.product], AT.cpuidFamily);
  bytes.set(fields.chipId ?? chip.chipId, AT.chipId);
  tcbAt(AT.currentTcb, fields.currentTcb);
  tcbAt(AT.reportedTcb, fields.reportedTcb);
  tcbAt(AT.committedTcb, fields.committedTcb);
  tcbAt(AT.launchTcb, fields.launchTcb);
  bytes.set((fields.currentVersion ?? FIRMWARE_VERSION).toReversed(), AT.currentVersion);
  bytes.set((fields.committedVersion ?? FIRMWARE_VERSION).toReversed(), AT.committedVersion);
  view.setBigUint64(AT.launchMitVector, fields.launchMitVector ?? 0n, true);
  view.setBigUint64(AT.currentMitVector, fields.currentMitVector ?? 0n, true);
  return bytes;
}

/**
 * A report with the signature of a chip over its bytes up to 0x2A0; R and S are little-endian.
 *
 * @param report not modified
 * @param key on P-384
 */
export function signSnpReport(report: Uint8Array, key: KeyPair): Uint8Array {
  const bytes = report.slice();
  const rs = signRaw(bytes.subarray(0, SIGNED_SIZE), key, "sha384");
  bytes.set(rs.subarray(0, HALF_SIGNATURE).toReversed(), AT.signature);
  bytes.set(rs.subarray(HALF_SIGNATURE).toReversed(), AT.signature + SIGNATURE_PART_SIZE);
  return bytes;
}
