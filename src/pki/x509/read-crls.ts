import { readDerOrPem } from "../der-or-pem.ts";
import { type Crl, parseCrl } from "./crl.ts";

/**
 * Reads the revocation lists of a file: one in DER, or any number as PEM blocks in any order, with text around them.
 *
 * @param what named in messages, such as `revocation list "crl.pem"`
 * @param max how many there may be
 * @returns at least one, in the order of the file; nothing of them is verified
 * @throws ContrastError `pki/pem-missing`, `pki/pem-invalid`, `pki/crl-invalid`
 */
export function readCrls(bytes: Uint8Array, what: string, max = 16): readonly Crl[] {
  return readDerOrPem(bytes, what, "X509 CRL", max).map((der) => parseCrl(der, what));
}
