import { type KeyObject, verify } from "node:crypto";
import { parsePublicKeyDer } from "../lib/der-key.ts";
import { ContrastError } from "../lib/errors.ts";
import { invalidSignature, requireMatch } from "./signature-error.ts";

const CURVES: readonly (string | undefined)[] = ["prime256v1", "secp384r1"];
const P256_POINT_BYTES = 64;

/** SubjectPublicKeyInfo of a key on P-256 up to the coordinates of its uncompressed point. */
const P256_SPKI_HEAD = Uint8Array.fromHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

/**
 * Verifies an ECDSA signature in the form of evidence: r and s one after the other, big-endian, each of the size of the
 * curve's field.
 *
 * @param key on P-256 or P-384
 * @param rs 64 bytes for P-256, 96 bytes for P-384; the platform refuses other lengths
 * @param what named in messages, such as `signature of the report`
 * @throws ContrastError `pki/signature-invalid`
 * @see IEEE P1363 section 7.2.8
 */
export function verifyRawEcdsa(
  hash: "sha256" | "sha384",
  data: Uint8Array,
  key: KeyObject,
  rs: Uint8Array,
  what: string,
): void {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (!CURVES.includes(curve)) throw invalidSignature(what, "the key is not on P-256 or P-384");
  requireMatch(what, () => verify(hash, data, { key, dsaEncoding: "ieee-p1363" }, rs));
}

/**
 * Makes a key from a point on P-256.
 *
 * @param point x and y, big-endian, 64 bytes
 * @throws ContrastError `pki/key-invalid` for other lengths and for what is not a point of the curve
 */
export function p256KeyFromPoint(point: Uint8Array): KeyObject {
  if (point.length !== P256_POINT_BYTES) {
    throw new ContrastError(
      "pki/key-invalid",
      `Cannot read P-256 key: got ${point.length} bytes, need ${P256_POINT_BYTES}`,
    );
  }
  const spki = new Uint8Array(P256_SPKI_HEAD.length + P256_POINT_BYTES);
  spki.set(P256_SPKI_HEAD);
  spki.set(point, P256_SPKI_HEAD.length);
  try {
    return parsePublicKeyDer(spki, "spki");
  } catch {
    throw new ContrastError("pki/key-invalid", "Cannot read P-256 key: it is not a point of the curve");
  }
}
