import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  derBitString,
  derBoolean,
  derElement,
  derExplicit,
  derInteger,
  derOctetString,
  derOid,
  derSequence,
  derSet,
  derTime,
  derUtf8,
} from "../../src/pki/der-writer.ts";

/** A P-256 key pair. */
export interface FakeKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly spkiDer: Uint8Array;
}

const keys = new Map<string, FakeKey>();

/** The key of a name, made once per process. */
export function fakeKey(name: string, namedCurve = "P-256"): FakeKey {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
  const key = { privateKey, publicKey, spkiDer: new Uint8Array(publicKey.export({ type: "spki", format: "der" })) };
  keys.set(name, key);
  return key;
}

/** ECDSA over SHA-256 as r then s, 64 bytes. */
export function signRaw(data: Uint8Array, key: FakeKey): Uint8Array {
  return new Uint8Array(sign("sha256", data, { key: key.privateKey, dsaEncoding: "ieee-p1363" }));
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
  readonly extensions: readonly Uint8Array[];
}

const ECDSA_OID = { sha256: "1.2.840.10045.4.3.2", sha384: "1.2.840.10045.4.3.3" };

/** An X.509 certificate, version 3; version 1 without extensions. */
export function fakeCertificate(fields: CertificateFields): Uint8Array {
  const algorithm = derSequence(derOid(ECDSA_OID[fields.hash]));
  const { extensions } = fields;
  const tbs = derSequence(
    ...(extensions.length > 0 ? [derExplicit(0, derInteger(2n))] : []),
    derInteger(fields.serial),
    algorithm,
    intelName(fields.issuerName),
    derSequence(derTime(fields.notBefore), derTime(fields.notAfter)),
    intelName(fields.commonName),
    fields.key.spkiDer,
    ...(extensions.length > 0 ? [derExplicit(3, derSequence(...extensions))] : []),
  );
  return derSequence(tbs, algorithm, derBitString(sign(fields.hash, tbs, fields.signer.privateKey)));
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
  const algorithm = derSequence(derOid(ECDSA_OID[fields.hash]));
  const authorityKeyId = derSequence(derElement(0x80, keyId(fields.authority)));
  const entries = fields.serials.map((serial) => derSequence(derInteger(serial), derTime(fields.thisUpdate)));
  const tbs = derSequence(
    derInteger(1n),
    algorithm,
    intelName(fields.issuerName),
    derTime(fields.thisUpdate),
    ...(fields.nextUpdate === undefined ? [] : [derTime(fields.nextUpdate)]),
    ...(entries.length > 0 ? [derSequence(...entries)] : []),
    derExplicit(0, derSequence(fakeExtension("2.5.29.20", derInteger(1n)), fakeExtension("2.5.29.35", authorityKeyId))),
  );
  return derSequence(tbs, algorithm, derBitString(sign(fields.hash, tbs, fields.signer.privateKey)));
}

/** One extension; `critical` is written only where it is true. */
export function fakeExtension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return derSequence(derOid(oid), ...(critical ? [derBoolean(true)] : []), derOctetString(value));
}

/** What the usual extensions say. */
export interface UsualExtensions {
  readonly ca: boolean;
  readonly pathLength?: number;
  /** Content of the BIT STRING; the usual bits where nothing is said. */
  readonly usage?: Uint8Array;
}

/** Bits of key usage: for both certificates and CRLs, for one of them, and of a leaf. */
export const KEY_USAGE = {
  certificatesAndCrls: Uint8Array.of(0x01, 0x06),
  certificates: Uint8Array.of(0x02, 0x04),
  crls: Uint8Array.of(0x01, 0x02),
  leaf: Uint8Array.of(0x06, 0xc0),
} as const;

/** The five extensions that all of Intel's certificates have. */
export function usualExtensions(
  key: FakeKey,
  signer: FakeKey,
  { ca, pathLength, usage = ca ? KEY_USAGE.certificatesAndCrls : KEY_USAGE.leaf }: UsualExtensions,
): Uint8Array[] {
  const constraints = [
    ...(ca ? [derBoolean(true)] : []),
    ...(pathLength === undefined ? [] : [derInteger(BigInt(pathLength))]),
  ];
  return [
    fakeExtension("2.5.29.35", derSequence(derElement(0x80, keyId(signer)))),
    fakeExtension("2.5.29.31", derSequence(derSequence(derExplicit(0, derExplicit(0, derElement(0x86, CRL_URL)))))),
    fakeExtension("2.5.29.14", derOctetString(keyId(key))),
    fakeExtension("2.5.29.15", derElement(0x03, usage), true),
    fakeExtension("2.5.29.19", derSequence(...constraints), true),
  ];
}

/** PEM with 64 characters a line. */
export function pemOf(der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

const CRL_URL = new TextEncoder().encode("https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");

function keyId(key: FakeKey): Uint8Array {
  return new Uint8Array(createHash("sha1").update(key.spkiDer).digest());
}

function intelName(commonName: string): Uint8Array {
  const attributes = [
    ["2.5.4.3", commonName],
    ["2.5.4.10", "Intel Corporation"],
    ["2.5.4.7", "Santa Clara"],
    ["2.5.4.8", "CA"],
    ["2.5.4.6", "US"],
  ] as const;
  return derSequence(...attributes.map(([oid, value]) => derSet(derSequence(derOid(oid), derUtf8(value)))));
}
