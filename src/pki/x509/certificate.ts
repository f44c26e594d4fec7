import type { KeyObject } from "node:crypto";
import { parsePublicKeyDer } from "../../lib/der-key.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { DerReader } from "../der-reader.ts";
import {
  type BasicConstraints,
  type Extension,
  EXTENSION_OID,
  extensionOf,
  type KeyUsageBit,
  parseBasicConstraints,
  parseExtensions,
  parseKeyUsage,
  withStructureCode,
} from "./extensions.ts";
import { parseSubjectKeyId } from "./key-identifier.ts";
import { type Name, parseName, renderName } from "./name.ts";
import type { SignatureAlgorithm } from "./signature-algorithm.ts";
import { openSigned, parseSerial, readSignatureAlgorithm } from "./signed-structure.ts";

export { type Extension, extensionOf, type KeyUsageBit } from "./extensions.ts";

/** An X.509 certificate; nothing of it is verified. */
export interface Certificate {
  readonly der: Uint8Array;
  /** 1, 2 or 3. */
  readonly version: number;
  /** Lower-case hex digits without leading zeros; `0` for zero. */
  readonly serialHex: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly spkiDer: Uint8Array;
  readonly extensions: readonly Extension[];
  readonly basicConstraints: BasicConstraints | undefined;
  readonly keyUsage: ReadonlySet<KeyUsageBit> | undefined;
  /** What the signature covers. */
  readonly tbsDer: Uint8Array;
  readonly signature: Uint8Array;
}

const MAX_CERTIFICATE_BYTES = 64 * 1024;
const UNIQUE_ID_TAGS = [0x81, 0x82];

const publicKeys = new WeakMap<Certificate, KeyObject>();
/** Certificates by the array that is their `der`. */
const parsedCertificates = new WeakMap<Uint8Array, Certificate>();

/**
 * Reads one certificate in DER and nothing after it. Extensions need version 3 and occur once each; the algorithm must be
 * the same inside and outside of what is signed; the serial number is 0 or more (AMD's chip certificates all have 0).
 *
 * @param der at most 64 KiB; copied, unless it is the `der` of a certificate: then that certificate is the answer
 * @param what named in messages, such as `VCEK`
 * @throws ContrastError `pki/certificate-invalid`
 * @see RFC 5280 section 4.1
 */
export function parseCertificate(der: Uint8Array, what: string): Certificate {
  if (der.length > MAX_CERTIFICATE_BYTES) {
    const fact = `got ${der.length} bytes, want at most ${MAX_CERTIFICATE_BYTES}`;
    throw new ContrastError("pki/certificate-invalid", `Cannot read ${what}: ${fact}`);
  }
  const known = parsedCertificates.get(der);
  if (known !== undefined) return known;
  const certificate = withStructureCode("pki/certificate-invalid", () => readCertificate(new Uint8Array(der), what));
  parsedCertificates.set(certificate.der, certificate);
  return certificate;
}

function readCertificate(der: Uint8Array, what: string): Certificate {
  const structure = openSigned(der, what);
  const { tbs, signature } = structure;
  const version = readVersion(tbs);
  const serialHex = parseSerial(tbs);
  const signatureAlgorithm = readSignatureAlgorithm(structure);
  const issuer = parseName(tbs);
  const validity = tbs.sequence();
  const notBefore = validity.time();
  const notAfter = validity.time();
  validity.end();
  const subject = parseName(tbs);
  const spkiDer = readSpki(tbs);
  for (const tag of UNIQUE_ID_TAGS) {
    if (tbs.optional(tag) !== undefined && version < 2) throw tbs.invalid("a unique identifier before version 2");
  }
  const wrapped = tbs.explicit(3);
  if (wrapped !== undefined && version < 3) throw tbs.invalid("extensions before version 3");
  const extensions = wrapped === undefined ? [] : parseExtensions(wrapped);
  wrapped?.end();
  tbs.end();

  const constraints = extensionOf({ extensions }, EXTENSION_OID.basicConstraints);
  const usage = extensionOf({ extensions }, EXTENSION_OID.keyUsage);
  const keyId = extensionOf({ extensions }, EXTENSION_OID.subjectKeyIdentifier);
  if (keyId !== undefined) parseSubjectKeyId(keyId.value);
  return {
    der,
    version,
    serialHex,
    signatureAlgorithm,
    issuer,
    subject,
    notBefore,
    notAfter,
    spkiDer,
    extensions,
    basicConstraints: constraints && parseBasicConstraints(constraints.value, what),
    keyUsage: usage && parseKeyUsage(usage.value, what),
    tbsDer: tbs.der,
    signature,
  };
}

/** The key of a certificate, made once for each certificate object.
 *
 * @throws ContrastError `pki/certificate-invalid` for a key that the platform cannot use
 */
export function publicKeyOf(certificate: Certificate): KeyObject {
  const known = publicKeys.get(certificate);
  if (known !== undefined) return known;
  try {
    const key = parsePublicKeyDer(certificate.spkiDer, "spki");
    publicKeys.set(certificate, key);
    return key;
  } catch {
    const subject = renderName(certificate.subject);
    throw new ContrastError(
      "pki/certificate-invalid",
      `Cannot use the key of certificate "${subject}": it is malformed or of an unknown kind`,
    );
  }
}

/** What the basic constraints extension says; undefined where the certificate has none. */
export function basicConstraintsOf(certificate: Certificate): BasicConstraints | undefined {
  return certificate.basicConstraints;
}

/** The purposes that the key usage extension allows; undefined where the certificate has none, which allows all. */
export function keyUsageOf(certificate: Certificate): ReadonlySet<KeyUsageBit> | undefined {
  return certificate.keyUsage;
}

function readVersion(tbs: DerReader): number {
  const version = tbs.explicit(0);
  if (version === undefined) return 1;
  const value = version.smallInteger(2);
  version.end();
  if (value === 0) throw tbs.invalid("version 1 written although it is the default");
  return value + 1;
}

function readSpki(tbs: DerReader): Uint8Array {
  const spki = tbs.sequence();
  const algorithm = spki.sequence();
  algorithm.oid();
  if (!algorithm.isEmpty) algorithm.next();
  algorithm.end();
  spki.bitString();
  spki.end();
  return spki.der;
}
