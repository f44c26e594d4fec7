import { derOid, derSequence, derSet, derText, derUtf8 } from "../pki/der-writer.ts";
import { NAME_OID } from "../pki/x509/name.ts";

/**
 * A distinguished name as vendors write theirs: one RDN for each attribute, UTF8String but for the country.
 *
 * @param attributes object identifier and value, in the vendor's order
 * @param encode how the strings are written, except for that of the country
 * @returns DER
 */
export function vendorName(
  attributes: readonly (readonly [oid: string, value: string])[],
  encode: (text: string) => Uint8Array = derUtf8,
): Uint8Array {
  const encoded = attributes.map(([oid, value]) =>
    derSet(derSequence(derOid(oid), oid === NAME_OID.country ? derText(value) : encode(value))),
  );
  return derSequence(...encoded);
}
