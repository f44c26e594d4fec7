import type { SignerInfo } from "./signer-info.ts";

/** CPUID bytes of the processor that made a report. */
export interface SnpCpuid {
  readonly family: number;
  readonly model: number;
  readonly stepping: number;
}

/** Version of the SEV firmware; each part is 0 to 255. */
export interface SnpFirmwareVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
}

/**
 * The fields of an attestation report, none of them verified. TCB versions are the raw 64-bit integers, because their
 * layout depends on the product (`parseTcb`).
 *
 * @see AMD 56860 (SEV-SNP ABI), structure ATTESTATION_REPORT
 */
export interface SnpReport {
  readonly version: number;
  readonly guestSvn: number;
  /** Read it with `parseGuestPolicy`. */
  readonly policy: bigint;
  /** 16 bytes of the ID block. */
  readonly familyId: Uint8Array;
  /** 16 bytes of the ID block. */
  readonly imageId: Uint8Array;
  readonly vmpl: number;
  /** 1 is ECDSA P-384 with SHA-384. */
  readonly signatureAlgorithm: number;
  readonly currentTcb: bigint;
  /** Read it with `parsePlatformInfo`. */
  readonly platformInfo: bigint;
  readonly signerInfo: SignerInfo;
  /** 64 bytes that the guest chose. */
  readonly reportData: Uint8Array;
  /** Launch digest, 48 bytes. */
  readonly measurement: Uint8Array;
  /** 32 bytes that the host chose at launch; Contrast puts the policy hash there. */
  readonly hostData: Uint8Array;
  /** 48 bytes, zero without ID block. */
  readonly idKeyDigest: Uint8Array;
  /** 48 bytes, zero without author key. */
  readonly authorKeyDigest: Uint8Array;
  /** 32 bytes. */
  readonly reportId: Uint8Array;
  /** 32 bytes, all ones without migration agent. */
  readonly reportIdMa: Uint8Array;
  /** The TCB that selects the VCEK. */
  readonly reportedTcb: bigint;
  /** Undefined in version 2, which has no such fields. */
  readonly cpuid: SnpCpuid | undefined;
  /** 64 bytes; zero where the host masks it; Turin uses the first 8. */
  readonly chipId: Uint8Array;
  readonly committedTcb: bigint;
  readonly currentVersion: SnpFirmwareVersion;
  readonly committedVersion: SnpFirmwareVersion;
  readonly launchTcb: bigint;
  /** Zero before version 5. */
  readonly launchMitVector: bigint;
  /** Zero before version 5. */
  readonly currentMitVector: bigint;
  /** 72 bytes, little-endian. */
  readonly signatureR: Uint8Array;
  /** 72 bytes, little-endian. */
  readonly signatureS: Uint8Array;
}
