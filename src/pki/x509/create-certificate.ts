import {
  derBitString,
  derBoolean,
  derExplicit,
  derInteger,
  derOctetString,
  derOid,
  derSequence,
  derTime,
} from "../der-writer.ts";
import type { CertificateSigner } from "./certificate-signer.ts";

/** What stands in a certificate. */
export interface CertificateTemplate {
  /** 0 or more. */
  readonly serial: bigint;
  /** A Name in DER (`encodeName`); the same bytes as the subject of the issuer's certificate. */
  readonly issuer: Uint8Array;
  /** A Name in DER. */
  readonly subject: Uint8Array;
  /** Fractions of a second are cut off. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo in DER, written as it is: the caller vouches that it is one and nothing more. */
  readonly spkiDer: Uint8Array;
  /** In this order; nothing is added to them. Without any the field is left out. */
  readonly extensions: readonly CertificateExtension[];
}

/** An extension to write. */
export interface CertificateExtension {
  readonly oid: string;
  /** False unless given. */
  readonly critical?: boolean | undefined;
  /** Content of the OCTET STRING. */
  readonly value: Uint8Array;
}

/** The number of version 3, the only one that is written. */
const VERSION_3 = derExplicit(0, derInteger(2n));

/**
 * Makes a certificate of version 3.
 *
 * @returns DER
 * @see RFC 5280 section 4.1
 */
export function createCertificate(template: CertificateTemplate, signer: CertificateSigner): Uint8Array {
  const { serial, issuer, notBefore, notAfter, subject, spkiDer, extensions } = template;
  const tbs = derSequence(
    VERSION_3,
    derInteger(serial),
    signer.algorithm,
    issuer,
    derSequence(derTime(notBefore), derTime(notAfter)),
    subject,
    spkiDer,
    ...(extensions.length === 0 ? [] : [derExplicit(3, derSequence(...extensions.map(encodeExtension)))]),
  );
  return derSequence(tbs, signer.algorithm, derBitString(signer.sign(tbs)));
}

/** One extension, DER; `critical` is written only where it is true. */
export function encodeExtension({ oid, critical, value }: CertificateExtension): Uint8Array {
  return derSequence(derOid(oid), ...(critical === true ? [derBoolean(true)] : []), derOctetString(value));
}
