import type { SnpSigningKey } from "../collateral-need.ts";
import { ContrastError } from "../../lib/errors.ts";

/** What a report says about the key that signed it and about the author key. */
export interface SignerInfo {
  /** The field as it stands in the report. */
  readonly raw: number;
  /** Whether AUTHOR_KEY_DIGEST is the digest of a key that signed the ID key. */
  readonly authorKeyEn: boolean;
  /** Whether the host forbade signing; the signature is zero then. */
  readonly maskChipKey: boolean;
  readonly signingKey: SnpSigningKey | "none";
}

const SIGNING_KEYS: ReadonlyMap<number, SignerInfo["signingKey"]> = new Map([
  [0, "VCEK"],
  [1, "VLEK"],
  [7, "none"],
]);

/**
 * Reads the 32 bits at 0x48 of a report.
 *
 *     bit    0  AUTHOR_KEY_EN
 *     bit    1  MASK_CHIP_KEY
 *     bits 2-4  SIGNING_KEY: 0 VCEK, 1 VLEK, 7 none
 *     bits 5-31 must be zero
 *
 * @throws ContrastError `snp/signer-info-invalid` for reserved bits and for a signing key that does not exist
 * @see AMD 56860 (SEV-SNP ABI), structure ATTESTATION_REPORT
 */
export function parseSignerInfo(raw: number): SignerInfo {
  const signingKey = SIGNING_KEYS.get((raw >>> 2) & 7);
  if (raw >>> 5 !== 0 || signingKey === undefined) {
    throw new ContrastError(
      "snp/signer-info-invalid",
      `Cannot read SNP report: signer info is 0x${raw.toString(16)}, which has reserved bits or no known signing key`,
      { details: { actual: raw } },
    );
  }
  return { raw, authorKeyEn: (raw & 1) !== 0, maskChipKey: (raw & 2) !== 0, signingKey };
}
