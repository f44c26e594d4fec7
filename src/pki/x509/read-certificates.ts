import { readDerOrPem } from "../der-or-pem.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";

/**
 * Reads the certificates of a file: one in DER, or any number as PEM blocks in any order, with text around them.
 *
 * @param what named in messages, such as `certificates "chain.pem"`
 * @param max how many there may be
 * @returns at least one, in the order of the file; nothing of them is verified
 * @throws ContrastError `pki/pem-missing`, `pki/pem-invalid`, `pki/certificate-invalid`
 */
export function readCertificates(bytes: Uint8Array, what: string, max = 16): readonly Certificate[] {
  return readDerOrPem(bytes, what, "CERTIFICATE", max).map((der) => parseCertificate(der, what));
}
