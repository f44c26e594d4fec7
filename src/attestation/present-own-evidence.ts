import { ContrastError } from "../lib/errors.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import { encodeSnpAttestation } from "./snp/snp-attestation.ts";
import type { SnpEvidence } from "./snp/snp-evidence.ts";
import { encodeTdxAttestation } from "./tdx/tdx-attestation.ts";
import { type TdxEvidence, tdxEvidenceFromQuote } from "./tdx/tdx-evidence.ts";
import { EVIDENCE_OIDS, type PresentedEvidence } from "./validator.ts";

/** Evidence of this machine as it stands in a certificate: message `sevsnp.Attestation`. */
export function presentOwnSnp(evidence: SnpEvidence): PresentedEvidence {
  return { oid: EVIDENCE_OIDS.snp, value: encodeSnpAttestation(evidence) };
}

/**
 * A quote that this machine has just made, as it stands in a certificate: message `tdx.QuoteV4`, with what follows the
 * quote in `extra_bytes`.
 *
 * @param reportData what the quote was asked to be bound to
 * @throws ContrastError `issuer/report-malformed`, also for a quote of version 5; `issuer/report-data-differs`
 */
export function presentOwnTdx(quoteBytes: Uint8Array, reportData: Uint8Array): PresentedEvidence {
  const malformed = (error: unknown): ContrastError =>
    new ContrastError("issuer/report-malformed", "Cannot use what the kernel gave as TDX quote", { cause: error });
  const read = (): TdxEvidence => {
    try {
      return tdxEvidenceFromQuote(quoteBytes);
    } catch (error) {
      throw malformed(error);
    }
  };
  const evidence = read();
  if (!sameBytes(evidence.quote.body.reportData, reportData)) {
    throw new ContrastError("issuer/report-data-differs", "Cannot use the quote: it is bound to other report data");
  }
  try {
    return { oid: EVIDENCE_OIDS.tdx, value: encodeTdxAttestation(evidence) };
  } catch (error) {
    throw malformed(error);
  }
}
