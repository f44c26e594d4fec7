import { constants, sign } from "node:crypto";
import { derExplicit, derInteger, derNull, derOid, derSequence } from "../pki/der-writer.ts";
import { type CertificateSigner, certificateSigner } from "../pki/x509/certificate-signer.ts";
import type { KeyPair } from "./key-pair.ts";

/** What signs certificates and revocation lists, with its key. */
export interface Signer extends KeyPair, CertificateSigner {}

const SHA384_OID = "2.16.840.1.101.3.4.2.2";
const SALT_BYTES = 48;

/** RSASSA-PSS with SHA-384 and a salt of 48 bytes, as AMD signs. @see AMD 57230 */
export function pssSigner(key: KeyPair): Signer {
  const padding = { key: key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: SALT_BYTES };
  return { ...key, algorithm: pssAlgorithm(), sign: (data) => new Uint8Array(sign("sha384", data, padding)) };
}

/** ECDSA with the hash that belongs to the curve, as Intel signs. */
export function ecdsaSigner(key: KeyPair): Signer {
  return { ...key, ...certificateSigner(key.privateKey) };
}

/** ECDSA in the form of evidence: r then s, big-endian, each of the size of the curve's field. */
export function signRaw(data: Uint8Array, key: KeyPair, hash: "sha256" | "sha384" = "sha256"): Uint8Array {
  return new Uint8Array(sign(hash, data, { key: key.privateKey, dsaEncoding: "ieee-p1363" }));
}

/**
 * AlgorithmIdentifier of RSASSA-PSS, by default as AMD writes it.
 *
 * @see RFC 4055 section 3.1
 */
export function pssAlgorithm(hashOid = SHA384_OID, saltLength = SALT_BYTES, mgfHashOid = hashOid): Uint8Array {
  const hash = (oid: string): Uint8Array => derSequence(derOid(oid), derNull());
  const mask = derSequence(derOid("1.2.840.113549.1.1.8"), hash(mgfHashOid));
  const salt = derInteger(BigInt(saltLength));
  return derSequence(
    derOid("1.2.840.113549.1.1.10"),
    derSequence(derExplicit(0, hash(hashOid)), derExplicit(1, mask), derExplicit(2, salt)),
  );
}
