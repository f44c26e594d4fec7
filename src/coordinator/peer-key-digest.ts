import type { KeyObject } from "node:crypto";
import { encodePublicKeyDer } from "../lib/der-key.ts";
import { sha256Hex } from "../lib/digest.ts";

/**
 * What a manifest knows a caller's key by: SHA-256 over the SPKI of an elliptic curve key, or over the PKCS #1
 * `RSAPublicKey` of an RSA key.
 *
 * @param key public
 * @returns 64 lower-case hexadecimal digits; undefined for keys of any other kind
 * @see edgelesssys/contrast `coordinator/internal/authority`, validation of peers
 */
export function peerKeyDigest(key: KeyObject): string | undefined {
  if (key.asymmetricKeyType === "ec") return sha256Hex(encodePublicKeyDer(key, "spki"));
  if (key.asymmetricKeyType === "rsa") return sha256Hex(encodePublicKeyDer(key, "pkcs1"));
  return undefined;
}
