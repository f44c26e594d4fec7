import { hash } from "node:crypto";
import { DerReader } from "../der-reader.ts";

const KEY_IDENTIFIER_TAG = 0x80;
const ISSUER_TAG = 0xa1;
const SERIAL_TAG = 0x82;

/**
 * The key identifier in an authority key identifier extension.
 *
 * @returns undefined where it names the issuer in another way
 * @throws ContrastError `pki/der-invalid`
 * @see RFC 5280 section 4.2.1.1
 */
export function parseAuthorityKeyId(value: Uint8Array): Uint8Array | undefined {
  const outer = new DerReader(value, "authority key identifier");
  const reader = outer.sequence();
  outer.end();
  const identifier = reader.optional(KEY_IDENTIFIER_TAG)?.content;
  reader.optional(ISSUER_TAG);
  reader.optional(SERIAL_TAG);
  reader.end();
  return identifier;
}

/**
 * The key identifier in a subject key identifier extension.
 *
 * @throws ContrastError `pki/der-invalid`
 * @see RFC 5280 section 4.2.1.2
 */
export function parseSubjectKeyId(value: Uint8Array): Uint8Array {
  const reader = new DerReader(value, "subject key identifier");
  const identifier = reader.octetString();
  reader.end();
  return identifier;
}

/**
 * The usual identifier of a key: SHA-1 of the content of its BIT STRING, 20 bytes. It only finds keys, it proves nothing.
 *
 * @param spkiDer SubjectPublicKeyInfo
 * @throws ContrastError `pki/der-invalid`
 * @see RFC 5280 section 4.2.1.2, method 1
 */
export function keyIdentifierOf(spkiDer: Uint8Array): Uint8Array {
  const outer = new DerReader(spkiDer, "public key");
  const spki = outer.sequence();
  outer.end();
  spki.sequence();
  const point = spki.bitString();
  spki.end();
  return Uint8Array.fromHex(hash("sha1", point, "hex"));
}
