import * as v from "valibot";
import { decodeBase64, encodeBase64 } from "../lib/base64.ts";
import { parsePrivateKeyDer } from "../lib/der-key.ts";
import { ContrastError } from "../lib/errors.ts";
import type { JsonObject } from "../lib/json.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import { type Certificate, parseCertificate, publicKeyOf } from "../pki/x509/certificate.ts";
import { verifySigned } from "../pki/x509/verify-signed.ts";
import { type KeyPair, keyPairOf } from "./key-pair.ts";

/** A key with the certificate that says whose it is. */
export interface CertifiedKey {
  readonly key: KeyPair;
  readonly certificate: Certificate;
}

/** What a saved key must be. */
export interface ExpectedKey {
  /** Named in messages, such as `ARK`. */
  readonly what: string;
  /** Name of the subject, DER. */
  readonly subject: Uint8Array;
  /** Signs the certificate; undefined for a root, which signs itself. */
  readonly issuer: CertifiedKey | undefined;
}

/** A certified key in a file: PKCS #8 and X.509, each DER in base64. */
export const savedKeySchema = v.strictObject({ privateKey: v.string(), certificate: v.string() });

/** A key that stands alone in a file: PKCS #8 DER in base64. */
export const savedPrivateKeySchema = v.string();

/** The inverse of `parseCertifiedKey`; secret. */
export function encodeCertifiedKey({ key, certificate }: CertifiedKey): JsonObject {
  return { privateKey: encodePrivateKey(key), certificate: encodeBase64(certificate.der) };
}

/** The inverse of `parsePrivateKey`; secret. */
export function encodePrivateKey(key: KeyPair): string {
  return encodeBase64(key.privateKey.export({ type: "pkcs8", format: "der" }));
}

/**
 * Reads a certified key of a file: key and certificate belong together, the certificate has the wanted name and is
 * signed by its issuer.
 *
 * @throws ContrastError `simulator/machine-invalid`, and what `parseCertificate` and `verifySigned` throw
 */
export function parseCertifiedKey(
  saved: v.InferOutput<typeof savedKeySchema>,
  { what, subject, issuer }: ExpectedKey,
): CertifiedKey {
  const key = parsePrivateKey(saved.privateKey, what);
  const certificate = parseCertificate(bytesOf(saved.certificate, `certificate of ${what}`), what);
  if (!sameBytes(certificate.subject.der, subject)) throw invalid(`the certificate of ${what} has another name`);
  if (!sameBytes(certificate.spkiDer, key.spkiDer)) throw invalid(`the certificate of ${what} is not about its key`);
  verifySigned(certificate, publicKeyOf(issuer?.certificate ?? certificate), `certificate of ${what}`);
  return { key, certificate };
}

/** Reads a private key of a file. @throws ContrastError `simulator/machine-invalid` */
export function parsePrivateKey(text: string, what: string): KeyPair {
  const der = bytesOf(text, `private key of ${what}`);
  try {
    return keyPairOf(parsePrivateKeyDer(der, "pkcs8"));
  } catch {
    // The platform's error could quote the key.
    throw invalid(`the private key of ${what} is not PKCS #8`);
  }
}

function bytesOf(text: string, what: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw invalid(`the ${what} is not base64`);
  return bytes;
}

function invalid(fact: string): ContrastError {
  return new ContrastError("simulator/machine-invalid", `Cannot read simulated machine: ${fact}`);
}
