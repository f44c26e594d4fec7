import { ContrastError } from "../../../lib/errors.ts";
import { decodeBase64 } from "../../../lib/base64.ts";
import { DER_TAG } from "../../../pki/der-reader.ts";
import { NAME_OID, type NameAttribute, parseName } from "../../../pki/x509/name.ts";
import { TlsReader } from "../tls-reader.ts";

const WHAT = "CertificateRequest";
const CERTIFICATE_AUTHORITIES = 47;
const MAX_AUTHORITIES = 16;
const NONCE_BYTES = 32;
/** Encoders differ in which of these they choose. */
const STRING_TAGS: readonly number[] = [DER_TAG.printableString, DER_TAG.utf8String];

/**
 * Reads the names of the authorities that a server's CertificateRequest accepts.
 *
 * @param body of the handshake message
 * @param version of TLS, which decides about its form
 * @returns DER of each name, in order; empty where the request names none
 * @throws ContrastError `atls/handshake-invalid`
 * @see RFC 8446 sections 4.2.4 and 4.3.2, RFC 5246 section 7.4.4
 */
export function parseCertificateRequest(body: Uint8Array, version: "1.2" | "1.3"): readonly Uint8Array[] {
  const reader = new TlsReader(body, WHAT);
  reader.vector(1); // TLS 1.2: certificate types; TLS 1.3: context
  if (version === "1.3") {
    const extensions = reader.vector(2);
    reader.end();
    return namesInExtensions(extensions);
  }
  reader.vector(2); // signature algorithms
  const names = reader.vector(2);
  reader.end();
  return namesInList(names);
}

function namesInExtensions(extensions: Uint8Array): readonly Uint8Array[] {
  const reader = new TlsReader(extensions, WHAT);
  let names: readonly Uint8Array[] | undefined;
  while (!reader.isEmpty) {
    const type = reader.number(2);
    const value = new TlsReader(reader.vector(2), WHAT);
    if (type !== CERTIFICATE_AUTHORITIES) continue;
    if (names !== undefined) throw reader.invalid("the list of authorities stands in it twice");
    names = namesInList(value.vector(2));
    value.end();
  }
  return names ?? [];
}

function namesInList(list: Uint8Array): readonly Uint8Array[] {
  const reader = new TlsReader(list, WHAT);
  const names: Uint8Array[] = [];
  while (!reader.isEmpty) {
    if (names.length === MAX_AUTHORITIES) throw reader.invalid(`more than ${MAX_AUTHORITIES} authorities`);
    names.push(reader.vector(2));
  }
  return names;
}

/**
 * The nonce of a server: the base64 text that is the common name of the only authority it accepts.
 *
 * @param authorities DER of each name
 * @returns 32 bytes
 * @throws ContrastError `atls/server-nonce-invalid`
 * @see edgelesssys/contrast `internal/atls`, `getNonceFromAcceptableCAs`
 */
export function serverNonceOf(authorities: readonly Uint8Array[]): Uint8Array {
  const [name, ...others] = authorities;
  if (name === undefined || others.length > 0) {
    throw invalid(`it accepts ${authorities.length} authorities, where exactly one carries the nonce`);
  }
  const commonName = attributesOf(name).find(({ oid }) => oid === NAME_OID.commonName);
  if (commonName === undefined) throw invalid("the authority that it accepts has no common name");
  if (!STRING_TAGS.includes(commonName.tag)) throw invalid("the common name is neither PrintableString nor UTF8String");
  const nonce = /\s/.test(commonName.value) ? undefined : decodeBase64(commonName.value);
  if (nonce?.length !== NONCE_BYTES) throw invalid(`the common name is not base64 of ${NONCE_BYTES} bytes`);
  return nonce;
}

function attributesOf(name: Uint8Array): readonly NameAttribute[] {
  try {
    return parseName(name, "name of an authority").attributes;
  } catch (error) {
    throw invalid("the authority that it accepts has no name in DER", error);
  }
}

function invalid(fact: string, cause?: unknown): ContrastError {
  return new ContrastError("atls/server-nonce-invalid", `Cannot read the nonce of the server: ${fact}`, {
    cause,
    hint: "Check that the address is that of the Coordinator's mesh API, normally port 7777.",
  });
}
