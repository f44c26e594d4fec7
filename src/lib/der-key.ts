import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

/** Forms in which a public key stands in DER. */
type PublicKeyForm = "spki" | "pkcs1";

/** Forms in which a private key stands in DER. */
type PrivateKeyForm = "sec1" | "pkcs1" | "pkcs8";

/**
 * Reads a public key with the platform's decoder.
 *
 * @throws Error of the platform, whose text may quote the bytes; callers must not pass it on
 */
export function parsePublicKeyDer(der: Uint8Array, form: PublicKeyForm): KeyObject {
  return createPublicKey({ key: wholeSequence(der), format: "der", type: form });
}

/**
 * Reads a private key and gives its public half.
 *
 * @throws Error of the platform, whose text may quote the bytes; callers must not pass it on
 */
export function publicKeyOfPrivateDer(der: Uint8Array, form: PrivateKeyForm): KeyObject {
  return publicKeyOf(parsePrivateKeyDer(der, form));
}

/**
 * Reads a private key.
 *
 * @throws Error of the platform, whose text may quote the bytes; callers must not pass it on
 */
export function parsePrivateKeyDer(der: Uint8Array, form: PrivateKeyForm): KeyObject {
  return createPrivateKey({ key: wholeSequence(der), format: "der", type: form });
}

/** The public half of a private key. */
export function publicKeyOf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey);
}

/** A public key in DER; PKCS #1 is for RSA keys only. */
export function encodePublicKeyDer(key: KeyObject, form: PublicKeyForm): Uint8Array {
  return new Uint8Array(key.export({ type: form, format: "der" }));
}

/** The platform's decoder ignores what follows the key; every key form is one SEQUENCE that must be all there is. */
function wholeSequence(der: Uint8Array): Buffer {
  const [tag, first = 0] = der;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  const length = der.subarray(2, 2 + lengthBytes).reduce((value, byte) => value * 256 + byte, 0);
  const end = 2 + lengthBytes + (first < 0x80 ? first : length);
  if (tag !== 0x30 || lengthBytes > 3 || end !== der.length) throw new Error("not one DER SEQUENCE");
  return Buffer.from(der);
}
