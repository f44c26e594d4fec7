import { type KeyObject, verify } from "node:crypto";
import { DerReader } from "./der-reader.ts";
import { invalidSignature, requireMatch } from "./signature-error.ts";

const MAX_SCALAR_BYTES = 66;

/**
 * Verifies an ECDSA signature in the form of certificates: DER, a SEQUENCE of r and s. The form is checked apart from the
 * platform, so that each signature has one encoding.
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
  if (!isSignatureForm(signature)) throw invalidSignature(what, "it is not a pair of integers in DER");
  requireMatch(what, () => verify(hash, data, { key, dsaEncoding: "der" }, signature));
}

function isSignatureForm(signature: Uint8Array): boolean {
  try {
    const reader = new DerReader(signature, "signature");
    const pair = reader.sequence();
    reader.end();
    pair.unsignedBytes(MAX_SCALAR_BYTES);
    pair.unsignedBytes(MAX_SCALAR_BYTES);
    pair.end();
    return true;
  } catch {
    return false;
  }
}
