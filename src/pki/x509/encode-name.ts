import { derOid, derSequence, derSet, derText } from "../der-writer.ts";
import type { NameAttribute } from "./name.ts";

/**
 * Writes a Name with one RDN for each attribute, in this order. A value is a PrintableString where the alphabet allows
 * it, else a UTF8String, as Go writes names.
 *
 * @returns DER
 * @see RFC 5280 section 4.1.2.4
 */
export function encodeName(attributes: readonly Pick<NameAttribute, "oid" | "value">[]): Uint8Array {
  return derSequence(...attributes.map(({ oid, value }) => derSet(derSequence(derOid(oid), derText(value)))));
}
