import { type KeyObject, verify } from "node:crypto";
import { invalidSignature, requireMatch } from "./signature-error.ts";

/**
 * Verifies a signature of pure Ed25519, 64 bytes.
 *
 * @param what named in messages, such as `the certificate of the client`
 * @throws ContrastError `pki/signature-invalid`
 * @see RFC 8032 section 5.1.7
 */
export function verifyEd25519(data: Uint8Array, key: KeyObject, signature: Uint8Array, what: string): void {
  if (key.asymmetricKeyType !== "ed25519") throw invalidSignature(what, "the key is not an Ed25519 key");
  requireMatch(what, () => verify(undefined, data, key, signature));
}
