import { sign } from "node:crypto";
import { derOid, derSequence, derTime } from "../../src/pki/der-writer.ts";
import { encodePem } from "../../src/pki/pem-block.ts";
import {
  type CertificateExtension,
  createCertificate,
  encodeExtension,
} from "../../src/pki/x509/create-certificate.ts";
import { intelName } from "../../src/simulator/intel/intel-authority.ts";
import { createEcKeyPair, type KeyCurve, type KeyPair } from "../../src/simulator/key-pair.ts";
import { crlExtensions, revokedEntry } from "../../src/simulator/revocation-list.ts";
import type { Signer } from "../../src/simulator/signer.ts";
import { buildCrl, NOTHING } from "./certificate-builder.ts";

export { intelExtensions as usualExtensions } from "../../src/simulator/intel/intel-authority.ts";

/** An EC key pair. */
export type FakeKey = KeyPair;

const keys = new Map<string, FakeKey>();

/** The key of a name, made once per process. */
export function fakeKey(name: string, curve: KeyCurve = "P-256"): FakeKey {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = createEcKeyPair(curve);
  keys.set(name, key);
  return key;
}

/** What a fake certificate says; every part can be wrong on purpose. */
export interface CertificateFields {
  readonly commonName: string;
  readonly issuerName: string;
  readonly serial: bigint;
  readonly key: FakeKey;
  readonly signer: FakeKey;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly hash: "sha256" | "sha384";
  readonly extensions: readonly CertificateExtension[];
}

const ECDSA_OID = { sha256: "1.2.840.10045.4.3.2", sha384: "1.2.840.10045.4.3.3" };

/** An X.509 certificate, version 3. */
export function fakeCertificate(fields: CertificateFields): Uint8Array {
  const { commonName, issuerName, serial, key, notBefore, notAfter, extensions } = fields;
  const [issuer, subject] = [intelName(issuerName), intelName(commonName)];
  const template = { serial, issuer, subject, notBefore, notAfter, spkiDer: key.spkiDer, extensions };
  return createCertificate(template, signerWith(fields.signer, fields.hash));
}

/** What a fake revocation list says. */
export interface CrlFields {
  readonly issuerName: string;
  readonly signer: FakeKey;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  readonly serials: readonly bigint[];
  /** Whose key identifier stands in the list. */
  readonly authority: FakeKey;
  readonly hash: "sha256" | "sha384";
}

/** A revocation list, version 2. */
export function fakeCrl(fields: CrlFields): Uint8Array {
  const { thisUpdate, nextUpdate } = fields;
  return buildCrl(signerWith(fields.signer, fields.hash), {
    issuer: intelName(fields.issuerName),
    thisUpdate: derTime(thisUpdate),
    nextUpdate: nextUpdate === undefined ? NOTHING : derTime(nextUpdate),
    entries: fields.serials.map((serial) => revokedEntry(serial, thisUpdate)),
    extensions: crlExtensions(fields.authority).map(encodeExtension),
  });
}

/** One extension. */
export function fakeExtension(oid: string, value: Uint8Array, critical = false): CertificateExtension {
  return { oid, value, critical };
}

/** Purposes of keys: for both certificates and CRLs, or for one of them. */
export const KEY_USAGE = {
  certificatesAndCrls: ["keyCertSign", "cRLSign"],
  certificates: ["keyCertSign"],
  crls: ["cRLSign"],
} as const;

/** PEM with 64 characters a line. */
export function pemOf(der: Uint8Array): string {
  return encodePem("CERTIFICATE", der);
}

/** ECDSA with any hash, also one that does not fit the curve. */
function signerWith(key: FakeKey, hash: CrlFields["hash"]): Signer {
  const algorithm = derSequence(derOid(ECDSA_OID[hash]));
  return { ...key, algorithm, sign: (data) => new Uint8Array(sign(hash, data, key.privateKey)) };
}
