import { ContrastError } from "../../lib/errors.ts";
import { MAX_ISSUER_CHAIN_BYTES } from "./collateral-limits.ts";

const CERTIFICATE =
  "-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/]{1,76}\n)*[A-Za-z0-9+/]{1,76}={0,2}\n-----END CERTIFICATE-----\n?";
const TWO_CERTIFICATES = new RegExp(`^${CERTIFICATE}${CERTIFICATE}$`);

/**
 * Decodes the header with which Intel's service names who signed an object: percent-encoded PEM of the signing
 * certificate, then the root, nothing behind. As for Go, `+` is a space, so that a certificate with a bare plus sign
 * is refused by both.
 *
 * @param value of the header
 * @param where named in messages, such as the address
 * @throws ContrastError `attestation/collateral-answer-invalid`
 * @see google/go-tdx-guest `verify/verify.go`, extractChainFromHeader
 */
export function decodeIssuerChain(value: string, where: string): string {
  try {
    // Refuses damaged escapes and bytes that are not UTF-8.
    return checkIssuerChain(decodeURIComponent(value.replaceAll("+", " ")), where);
  } catch (error) {
    if (error instanceof ContrastError) throw error;
    throw cannotRead(where, "it is not percent-encoded");
  }
}

/**
 * Passes on PEM that is exactly two certificates by its form; what they say is left to those who know the roots.
 *
 * @throws ContrastError `attestation/collateral-answer-invalid`
 */
export function checkIssuerChain(pem: string, where: string): string {
  if (pem.length > MAX_ISSUER_CHAIN_BYTES) throw cannotRead(where, `got ${pem.length} characters`);
  if (!TWO_CERTIFICATES.test(pem)) throw cannotRead(where, "it is not exactly two PEM certificates");
  return pem;
}

/** The header value of an issuer chain, for bundles. */
export function encodeIssuerChain(pem: string): string {
  return encodeURIComponent(pem);
}

function cannotRead(where: string, fact: string): ContrastError {
  return new ContrastError("attestation/collateral-answer-invalid", `Cannot read issuer chain of ${where}: ${fact}`);
}
