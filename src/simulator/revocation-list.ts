import { derBitString, derElement, derExplicit, derInteger, derSequence, derTime } from "../pki/der-writer.ts";
import type { CertificateSigner } from "../pki/x509/certificate-signer.ts";
import { type CertificateExtension, encodeExtension } from "../pki/x509/create-certificate.ts";
import { authorityKeyIdExtension } from "../pki/x509/encode-extensions.ts";
import { keyIdentifierOf } from "../pki/x509/key-identifier.ts";
import type { KeyPair } from "./key-pair.ts";

/** What a revocation list says. */
export interface RevocationListTemplate {
  /** Name, DER. */
  readonly issuer: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** Serial numbers. */
  readonly revoked: readonly bigint[];
  /** In this order; at least one. */
  readonly extensions: readonly CertificateExtension[];
}

const CRL_NUMBER_OID = "2.5.29.20";
const CRL_DISTRIBUTION_POINTS_OID = "2.5.29.31";
const TAG_URI = 0x86;

/** The lists of this room do not count up: verifiers look at their times. */
const CRL_NUMBER = 1n;

/** A revocation list of version 2, DER. @see RFC 5280 section 5.1 */
export function createRevocationList(template: RevocationListTemplate, signer: CertificateSigner): Uint8Array {
  const { issuer, thisUpdate, nextUpdate, revoked, extensions } = template;
  const entries = revoked.map((serial) => revokedEntry(serial, thisUpdate));
  const tbs = derSequence(
    derInteger(1n),
    signer.algorithm,
    issuer,
    derTime(thisUpdate),
    derTime(nextUpdate),
    ...(entries.length > 0 ? [derSequence(...entries)] : []),
    derExplicit(0, derSequence(...extensions.map(encodeExtension))),
  );
  return derSequence(tbs, signer.algorithm, derBitString(signer.sign(tbs)));
}

/** An entry of a revocation list, DER. */
export function revokedEntry(serial: bigint, at: Date): Uint8Array {
  return derSequence(derInteger(serial), derTime(at));
}

/** Number of a list, and identifier of the key that signs it. */
export function crlExtensions(signer: KeyPair): readonly CertificateExtension[] {
  return [
    { oid: CRL_NUMBER_OID, value: derInteger(CRL_NUMBER) },
    authorityKeyIdExtension(keyIdentifierOf(signer.spkiDer)),
  ];
}

/** Where the revocation list of a certificate's issuer is, not critical. @see RFC 5280 section 4.2.1.13 */
export function crlDistributionPoint(url: string): CertificateExtension {
  const name = derElement(TAG_URI, new TextEncoder().encode(url));
  const value = derSequence(derSequence(derExplicit(0, derExplicit(0, name))));
  return { oid: CRL_DISTRIBUTION_POINTS_OID, value };
}
