import { ContrastError } from "../lib/errors.ts";
import { quoteText } from "../lib/quote-text.ts";
import type { Evidence } from "./evidence.ts";
import { parseSnpAttestation } from "./snp/snp-attestation.ts";
import { parseTdxAttestation } from "./tdx/tdx-attestation.ts";
import { EVIDENCE_OIDS, type PresentedEvidence } from "./validator.ts";

/**
 * Reads evidence as it stands in a certificate.
 *
 * @throws ContrastError `attestation/evidence-unknown` for another extension, and what the parsers of the two kinds throw
 */
export function parsePresentedEvidence({ oid, value }: PresentedEvidence): Evidence {
  if (oid === EVIDENCE_OIDS.snp) return { tee: "snp", snp: parseSnpAttestation(value) };
  if (oid === EVIDENCE_OIDS.tdx) return { tee: "tdx", tdx: parseTdxAttestation(value) };
  const wanted = `${EVIDENCE_OIDS.snp} (SEV-SNP) or ${EVIDENCE_OIDS.tdx} (TDX)`;
  throw new ContrastError(
    "attestation/evidence-unknown",
    `Cannot read evidence: got the extension ${quoteText(oid)}, need ${wanted}`,
  );
}
