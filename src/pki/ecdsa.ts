import { type KeyObject, verify } from "node:crypto";
import { invalidSignature, requireMatch } from "./signature-error.ts";

/**
 * Verifies an ECDSA signature in the form of certificates: DER, a SEQUENCE of r and s. The platform refuses every other
 * form of the pair, as Wycheproof's vectors show.
 *
 * @param what named in messages, such as `signature of VCEK`
 * @throws ContrastError `pki/signature-invalid`
 * @see RFC 3279 section 2.2.3, SEC 1 section 4.1.4
 */
export function verifyEcdsa(
  hash: "sha256" | "sha384" | "sha512",
  data: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
  what: string,
): void {
  if (key.asymmetricKeyType !== "ec") throw invalidSignature(what, "the key is not an EC key");
  requireMatch(what, () => verify(hash, data, { key, dsaEncoding: "der" }, signature));
}
