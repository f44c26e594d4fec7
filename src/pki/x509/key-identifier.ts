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
