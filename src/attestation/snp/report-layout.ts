/**
 * Where the fields of an attestation report stand. All integers are little-endian.
 *
 * @see AMD 56860 (SEV-SNP ABI), structure ATTESTATION_REPORT
 */
export const REPORT_OFFSETS = {
  version: 0x000,
  guestSvn: 0x004,
  policy: 0x008,
  familyId: 0x010,
  imageId: 0x020,
  vmpl: 0x030,
  signatureAlgorithm: 0x034,
  currentTcb: 0x038,
  platformInfo: 0x040,
  signerInfo: 0x048,
  reportData: 0x050,
  measurement: 0x090,
  hostData: 0x0c0,
  idKeyDigest: 0x0e0,
  authorKeyDigest: 0x110,
  reportId: 0x140,
  reportIdMa: 0x160,
  reportedTcb: 0x180,
  cpuidFamily: 0x188,
  cpuidModel: 0x189,
  cpuidStepping: 0x18a,
  chipId: 0x1a0,
  committedTcb: 0x1e0,
  currentVersion: 0x1e8,
  committedVersion: 0x1ec,
  launchTcb: 0x1f0,
  launchMitVector: 0x1f8,
  currentMitVector: 0x200,
  signature: 0x2a0,
} as const;

/** Bytes of a report, signature included. */
export const REPORT_SIZE = 0x4a0;

/** Bytes of a report that its signature covers. */
export const SIGNED_SIZE = 0x2a0;

/** Bytes of the signature area, with its unused end. */
export const SIGNATURE_SIZE = 512;

/** Bytes of R and of S, each little-endian. */
export const SIGNATURE_PART_SIZE = 72;

/** First version with CPUID bytes. */
export const FIRST_VERSION_WITH_CPUID = 3;

/** First version with mitigation vectors. */
const FIRST_VERSION_WITH_MITIGATIONS = 5;

/** Half open ranges that must be zero in a report of the given version; the same ranges are not sent in protobuf. */
export function reservedRanges(version: number): readonly (readonly [start: number, end: number])[] {
  return [
    [0x04c, 0x050],
    [version < FIRST_VERSION_WITH_CPUID ? 0x188 : 0x18b, 0x1a0],
    [0x1eb, 0x1ec],
    [0x1ef, 0x1f0],
    [version < FIRST_VERSION_WITH_MITIGATIONS ? 0x1f8 : 0x208, 0x2a0],
    [0x330, REPORT_SIZE],
  ];
}
