import { createHmac, type KeyObject } from "node:crypto";
import { P384_SCALAR_BYTES, p384PrivateKey } from "../../pki/p384-key.ts";

const PERSONALIZATION = new TextEncoder().encode("det ECDSA key gen P-384");
const HASH_BYTES = 32;

/**
 * Derives a private key on P-384 from a seed, the same one for the same seed. An HMAC-SHA256 generator makes 48 bytes,
 * which are taken as the scalar.
 *
 * @param seed at least 16 bytes of full entropy; secret, not retained
 * @throws ContrastError `pki/key-invalid` where they are no scalar, which no seed is known to lead to (below 2^-190)
 * @see c2sp.org/det-keygen
 */
export function deriveP384Key(seed: Uint8Array): KeyObject {
  const zero = Uint8Array.of(0);
  const one = Uint8Array.of(1);
  let key = new Uint8Array(HASH_BYTES);
  let value = new Uint8Array(HASH_BYTES).fill(1);
  for (const separator of [zero, one]) {
    key = hmac(key, value, separator, seed, PERSONALIZATION);
    value = hmac(key, value);
  }
  const first = hmac(key, value);
  const second = hmac(key, first);
  const output = new Uint8Array(2 * HASH_BYTES);
  output.set(first);
  output.set(second, HASH_BYTES);
  try {
    return p384PrivateKey(output.subarray(0, P384_SCALAR_BYTES));
  } finally {
    for (const secret of [key, value, first, second, output]) secret.fill(0);
  }
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return new Uint8Array(mac.digest());
}
