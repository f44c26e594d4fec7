import { DER_TAG } from "../der-reader.ts";
import { derBoolean, derElement, derInteger, derOctetString, derOid, derSequence } from "../der-writer.ts";
import type { CertificateExtension } from "./create-certificate.ts";
import { type BasicConstraints, EXTENSION_OID, KEY_USAGE_BITS, type KeyUsageBit } from "./extensions.ts";

/** A name of the holder of a certificate. */
export type GeneralName =
  /** ASCII; `*` may stand in it. */
  | { readonly type: "dns"; readonly name: string }
  /** 4 or 16 bytes. */
  | { readonly type: "ip"; readonly address: Uint8Array }
  /** ASCII, with its scheme. */
  | { readonly type: "uri"; readonly uri: string };

/** Object identifiers of purposes in extended key usage. */
export const KEY_PURPOSE_OID = { serverAuth: "1.3.6.1.5.5.7.3.1", clientAuth: "1.3.6.1.5.5.7.3.2" } as const;

const DNS_TAG = 0x82;
const URI_TAG = 0x86;
const IP_TAG = 0x87;
const KEY_IDENTIFIER_TAG = 0x80;

const ascii = new TextEncoder();

/**
 * Key usage, critical.
 *
 * @param purposes at least one
 * @see RFC 5280 section 4.2.1.3
 */
export function keyUsageExtension(purposes: readonly KeyUsageBit[]): CertificateExtension {
  const bits = purposes.map((purpose) => KEY_USAGE_BITS.indexOf(purpose));
  const last = Math.max(...bits);
  const bytes = new Uint8Array(Math.floor(last / 8) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  const value = derElement(DER_TAG.bitString, Uint8Array.of(7 - (last & 7)), bytes);
  return { oid: EXTENSION_OID.keyUsage, critical: true, value };
}

/**
 * Basic constraints, critical; empty for what is no authority.
 *
 * @see RFC 5280 section 4.2.1.9
 */
export function basicConstraintsExtension({ ca, pathLength }: BasicConstraints): CertificateExtension {
  const length = pathLength === undefined ? [] : [derInteger(BigInt(pathLength))];
  const value = derSequence(...(ca ? [derBoolean(true), ...length] : []));
  return { oid: EXTENSION_OID.basicConstraints, critical: true, value };
}

/**
 * Extended key usage, not critical.
 *
 * @param purposes object identifiers, written in this order
 * @see RFC 5280 section 4.2.1.12
 */
export function extendedKeyUsageExtension(purposes: readonly string[]): CertificateExtension {
  return { oid: EXTENSION_OID.extendedKeyUsage, value: derSequence(...purposes.map(derOid)) };
}

/**
 * Subject key identifier, not critical.
 *
 * @see RFC 5280 section 4.2.1.2
 */
export function subjectKeyIdExtension(keyId: Uint8Array): CertificateExtension {
  return { oid: EXTENSION_OID.subjectKeyIdentifier, value: derOctetString(keyId) };
}

/**
 * Authority key identifier that names nothing but the key, not critical.
 *
 * @see RFC 5280 section 4.2.1.1
 */
export function authorityKeyIdExtension(keyId: Uint8Array): CertificateExtension {
  const value = derSequence(derElement(KEY_IDENTIFIER_TAG, keyId));
  return { oid: EXTENSION_OID.authorityKeyIdentifier, value };
}

/**
 * Subject alternative names, not critical, as fits a certificate whose subject is not empty.
 *
 * @param names at least one, written in this order
 * @see RFC 5280 section 4.2.1.6
 */
export function subjectAltNameExtension(names: readonly GeneralName[]): CertificateExtension {
  return { oid: EXTENSION_OID.subjectAltName, value: derSequence(...names.map(encodeGeneralName)) };
}

function encodeGeneralName(name: GeneralName): Uint8Array {
  if (name.type === "ip") return derElement(IP_TAG, name.address);
  return name.type === "dns"
    ? derElement(DNS_TAG, ascii.encode(name.name))
    : derElement(URI_TAG, ascii.encode(name.uri));
}
