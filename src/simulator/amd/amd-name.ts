import { NAME_OID } from "../../pki/x509/name.ts";
import { vendorName } from "../vendor-name.ts";

/**
 * A distinguished name as AMD writes it, DER.
 *
 * @param encode how the strings are written, except for that of the country; UTF8String where nothing is said
 * @see AMD 57230
 */
export function amdName(commonName: string, encode?: (text: string) => Uint8Array): Uint8Array {
  const attributes = [
    [NAME_OID.organizationalUnit, "Engineering"],
    [NAME_OID.country, "US"],
    [NAME_OID.locality, "Santa Clara"],
    [NAME_OID.state, "CA"],
    [NAME_OID.organization, "Advanced Micro Devices"],
    [NAME_OID.commonName, commonName],
  ] as const;
  return vendorName(attributes, encode);
}
