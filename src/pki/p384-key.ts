import { createECDH, type KeyObject } from "node:crypto";
import { parsePrivateKeyDer } from "../lib/der-key.ts";
import { ContrastError } from "../lib/errors.ts";
import { derBitString, derExplicit, derInteger, derOctetString, derOid, derSequence } from "./der-writer.ts";

const CURVE_OID = "1.3.132.0.34";

/** Bytes of a scalar. */
export const P384_SCALAR_BYTES = 48;

/**
 * The private key with a given scalar on P-384.
 *
 * @param scalar 48 bytes, big-endian, 1 to the order of the curve less 1; secret, the caller wipes it
 * @throws ContrastError `pki/key-invalid` for any other number
 * @see SEC 1 section 3.2.1, RFC 5915
 */
export function p384PrivateKey(scalar: Uint8Array): KeyObject {
  const point = publicPoint(scalar);
  const der = derSequence(
    derInteger(1n),
    derOctetString(scalar),
    derExplicit(0, derOid(CURVE_OID)),
    derExplicit(1, derBitString(point)),
  );
  try {
    return parsePrivateKeyDer(der, "sec1");
  } finally {
    der.fill(0);
  }
}

/** The uncompressed point of a scalar, 97 bytes. The platform refuses scalars out of range, but not other lengths. */
function publicPoint(scalar: Uint8Array): Uint8Array {
  const pair = createECDH("secp384r1");
  try {
    if (scalar.length !== P384_SCALAR_BYTES) throw new Error(`${scalar.length} bytes`);
    pair.setPrivateKey(scalar);
    return new Uint8Array(pair.getPublicKey());
  } catch {
    throw new ContrastError("pki/key-invalid", "Cannot make a key: the number is no private key on P-384");
  }
}
