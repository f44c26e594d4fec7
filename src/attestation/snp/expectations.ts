import { ContrastError } from "../../lib/errors.ts";
import type { SnpProduct, TcbVersion } from "../collateral-need.ts";
import type { EvidenceExpectations } from "../evidence-expectations.ts";
import type { SnpGuestPolicy } from "./guest-policy.ts";
import type { SnpPlatformInfo } from "./platform-info.ts";

/** One entry of the reference values: a state of guest and host that is accepted as a whole. */
export interface SnpExpectations {
  /** Such as `snp-0-MILAN`. */
  readonly name: string;
  /** Where the entry stands, such as `ReferenceValues.snp[0]`. */
  readonly source: string;
  readonly product: SnpProduct;
  /** Launch digest, 48 bytes. */
  readonly measurement: Uint8Array;
  /** For the reported TCB and for that at launch. */
  readonly minimumTcb: TcbVersion;
  /** Undefined: what Contrast 1.4 accepts (`DEFAULT_GUEST_POLICY`). */
  readonly guestPolicy: SnpGuestPolicy | undefined;
  /** Undefined: not judged. */
  readonly platformInfo: SnpPlatformInfo | undefined;
  /** 64 bytes each; undefined or empty allows every chip. */
  readonly allowedChipIds: readonly Uint8Array[] | undefined;
  /** Bits that both mitigation vectors must have. Undefined: not judged. */
  readonly minimumMitigationVector: bigint | undefined;
}

/**
 * Refuses expectations that could pass for "not checked": an empty byte string is a mistake of the caller.
 *
 * @throws ContrastError `lib/internal`
 */
export function checkExpectationSizes(expectations: readonly SnpExpectations[], request: EvidenceExpectations): void {
  for (const { measurement, allowedChipIds = [] } of expectations) {
    checkSize("measurement", measurement, 48);
    for (const chipId of allowedChipIds) checkSize("chip id", chipId, 64);
  }
  if (request.reportData !== undefined) checkSize("report data", request.reportData, 64);
  if (request.hostData !== undefined) checkSize("host data", request.hostData, 32);
  for (const hostData of request.hostDataOneOf ?? []) checkSize("host data", hostData, 32);
}

function checkSize(name: string, bytes: Uint8Array, size: number): void {
  if (bytes.length === size) return;
  throw new ContrastError("lib/internal", `Cannot verify SNP evidence: expected ${name} has ${bytes.length} bytes`, {
    details: { actual: bytes.length, expected: size },
  });
}
