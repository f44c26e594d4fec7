import { derBoolean, derInteger, derOctetString } from "../../pki/der-writer.ts";
import type { CertificateExtension } from "../../pki/x509/create-certificate.ts";

/** A value that evidence states: a number that is not negative, a flag, or bytes. */
export type ClaimValue = number | boolean | Uint8Array;

/** A claim with the last arc of its object identifier. */
export type Claim = readonly [arc: number, value: ClaimValue];

/**
 * Writes claims as extensions that are not critical, each with one DER value: INTEGER, BOOLEAN or OCTET STRING.
 *
 * @param base object identifier above the arcs
 */
export function claimsAsExtensions(base: string, claims: readonly Claim[]): readonly CertificateExtension[] {
  return claims.map(([arc, value]) => ({ oid: `${base}.${arc}`, value: encodeClaim(value) }));
}

function encodeClaim(value: ClaimValue): Uint8Array {
  if (typeof value === "number") return derInteger(BigInt(value));
  return typeof value === "boolean" ? derBoolean(value) : derOctetString(value);
}
