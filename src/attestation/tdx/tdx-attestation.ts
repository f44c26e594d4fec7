import { messageFromQuote, quoteFromMessage } from "./quote-message.ts";
import { type TdxEvidence, tdxEvidenceOf } from "./tdx-evidence.ts";

/**
 * Reads evidence as it stands in the certificate extension 1.3.9901.2.2: message `tdx.QuoteV4`. That message has no room
 * for quotes of version 5, which are therefore refused in it.
 *
 * @throws ContrastError `tdx/evidence-invalid`, and what `tdxEvidenceFromQuote` throws
 */
export function parseTdxAttestation(bytes: Uint8Array): TdxEvidence {
  return tdxEvidenceOf(quoteFromMessage(bytes));
}

/**
 * Writes evidence as certificate extension; the inverse of `parseTdxAttestation`.
 *
 * @throws ContrastError `tdx/quote-unsupported` for a quote of version 5
 */
export function encodeTdxAttestation(evidence: TdxEvidence): Uint8Array {
  return messageFromQuote(evidence.quote);
}
