import { ContrastError } from "../lib/errors.ts";
import { readCertificates } from "../pki/x509/read-certificates.ts";

/** Far more than one certificate takes. */
const MAX_CA_BYTES = 1024 * 1024;

/**
 * Checks that a Coordinator's answer is one certificate in PEM, before it becomes a file that others trust.
 *
 * @param pem as received; it is written byte for byte
 * @param what such as `root CA`
 * @throws ContrastError `client/ca-invalid`
 */
export function checkCaPem(pem: Uint8Array, what: string): void {
  const refuse = (fact: string, cause?: unknown): ContrastError =>
    new ContrastError("client/ca-invalid", `Cannot use the Coordinator's ${what}: ${fact}`, { cause });
  if (pem.length > MAX_CA_BYTES) throw refuse(`got ${pem.length} bytes, limit ${MAX_CA_BYTES}`);
  if (!/^\s*-----BEGIN CERTIFICATE-----\s/.test(new TextDecoder("latin1").decode(pem))) throw refuse("not PEM");
  try {
    readCertificates(pem, what, 1);
  } catch (error) {
    throw refuse("not exactly one certificate", error);
  }
}
