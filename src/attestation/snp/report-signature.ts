import type { KeyObject } from "node:crypto";
import { ContrastError } from "../../lib/errors.ts";
import { verifyRawEcdsa } from "../../pki/raw-ecdsa.ts";
import { failedRow, judgedRow, type Row, unknownRow } from "../check-row.ts";
import type { Check } from "../verdict.ts";
import { dependsOn } from "./depends-on.ts";
import { SIGNED_SIZE } from "./report-layout.ts";
import type { SnpEvidence } from "./snp-evidence.ts";
import type { SnpReport } from "./snp-report.ts";

const ECDSA_P384_SHA384 = 1;
const SCALAR_SIZE = 48;

/** SIGNATURE_ALGO must be the only one that exists. */
export function checkReportAlgorithm({ signatureAlgorithm }: SnpReport): Check {
  const row: Row = {
    id: "report.signature-algorithm",
    subject: "SIGNATURE_ALGO",
    expected: String(ECDSA_P384_SHA384),
    actual: String(signatureAlgorithm),
    meaning: signatureAlgorithm === ECDSA_P384_SHA384 ? "ECDSA P-384 with SHA-384" : "unknown",
  };
  return judgedRow(row, signatureAlgorithm === ECDSA_P384_SHA384, { code: "snp/signature-algorithm-unknown" });
}

/** R and S have room for 72 bytes; those of P-384 need 48, and what is left must be zero. */
export function checkSignatureForm({ signatureR, signatureS }: SnpReport): Check {
  const row: Row = { id: "report.signature-form", subject: "size of R and S", expected: "48 bytes each" };
  const fits = [signatureR, signatureS].every((part) => part.subarray(SCALAR_SIZE).every((byte) => byte === 0));
  return judgedRow(row, fits, { code: "snp/signature-invalid", reason: "R or S is longer than 48 bytes" });
}

/**
 * Verifies the signature over bytes 0 to 0x2A0 of the report.
 *
 * @param key of the VCEK or VLEK; undefined where it could not be used
 */
export function checkReportSignature({ report, reportBytes }: SnpEvidence, key: KeyObject | undefined): Check {
  const row: Row = { id: "report.signature", subject: "signature of the report" };
  const { signingKey } = report.signerInfo;
  if (key === undefined)
    return unknownRow(row, dependsOn(signingKey === "none" ? "a signing key" : `the ${signingKey}`));
  try {
    verifyRawEcdsa("sha384", reportBytes.subarray(0, SIGNED_SIZE), key, bigEndianSignature(report), row.subject);
    return { ...row, outcome: "passed" };
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    const reason = report.signerInfo.maskChipKey
      ? "the host forbids signing (MASK_CHIP_KEY)"
      : `it was not made by the key of this ${signingKey}, or the report was changed`;
    return failedRow(row, { code: "snp/signature-invalid", reason });
  }
}

/** R then S as other software writes them; the report has both little-endian. */
function bigEndianSignature({ signatureR, signatureS }: SnpReport): Uint8Array {
  const signature = new Uint8Array(2 * SCALAR_SIZE);
  signature.set(signatureR.subarray(0, SCALAR_SIZE).toReversed(), 0);
  signature.set(signatureS.subarray(0, SCALAR_SIZE).toReversed(), SCALAR_SIZE);
  return signature;
}
