import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  derBitString,
  derBoolean,
  derElement,
  derExplicit,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derSet,
  derText,
  derTime,
} from "../../src/pki/der-writer.ts";

/** Parts of a certificate or revocation list, each of them replaceable by bytes that no sane writer makes. */
export interface CertificateParts {
  readonly version?: Uint8Array;
  readonly serial?: Uint8Array;
  readonly algorithm?: Uint8Array;
  /** Outside of what is signed; the same as inside unless given. */
  readonly outerAlgorithm?: Uint8Array;
  readonly issuer?: Uint8Array;
  readonly validity?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly spki?: Uint8Array;
  /** Between the key and the extensions. */
  readonly uniqueIds?: Uint8Array;
  /** Members of the SEQUENCE of extensions; without any the field is left out. */
  readonly extensions?: readonly Uint8Array[];
  readonly tail?: Uint8Array;
}

/** Parts of a revocation list. */
export interface CrlParts {
  readonly version?: Uint8Array;
  readonly algorithm?: Uint8Array;
  readonly issuer?: Uint8Array;
  readonly thisUpdate?: Uint8Array;
  readonly nextUpdate?: Uint8Array;
  /** Members of the SEQUENCE of revoked certificates; without any the field is left out. */
  readonly entries?: readonly Uint8Array[];
  readonly extensions?: readonly Uint8Array[];
}

/** What signs, with the AlgorithmIdentifier that belongs to it. */
export interface TestSigner {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly algorithm: Uint8Array;
  readonly sign: (data: Uint8Array) => Uint8Array;
}

/** No bytes: a member that is left out. */
export const NOTHING = new Uint8Array();

/** AlgorithmIdentifier of ECDSA with SHA-256. */
export const ECDSA_SHA256 = derSequence(derOid("1.2.840.10045.4.3.2"));

/** AlgorithmIdentifier of RSASSA-PSS with one hash, as AMD writes it. */
export function pssAlgorithm(hashOid = "2.16.840.1.101.3.4.2.2", saltLength = 48, mgfHashOid = hashOid): Uint8Array {
  const hash = (oid: string): Uint8Array => derSequence(derOid(oid), derNull());
  const mask = derSequence(derOid("1.2.840.113549.1.1.8"), hash(mgfHashOid));
  const salt = derInteger(BigInt(saltLength));
  return derSequence(
    derOid("1.2.840.113549.1.1.10"),
    derSequence(derExplicit(0, hash(hashOid)), derExplicit(1, mask), derExplicit(2, salt)),
  );
}

/** A signer with a fresh P-256 key. */
export function newSigner(): TestSigner {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { privateKey, publicKey, algorithm: ECDSA_SHA256, sign: (data) => bytesOf(sign("sha256", data, privateKey)) };
}

/** SubjectPublicKeyInfo of a key. */
export function spkiOf(key: KeyObject): Uint8Array {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return bytesOf(publicKey.export({ type: "spki", format: "der" }));
}

/** A name of one RDN with a common name. */
export function commonName(text: string): Uint8Array {
  return derSequence(derSet(derSequence(derOid("2.5.4.3"), derText(text))));
}

/** One extension; `value` is what its octet string holds. */
export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return derSequence(derOid(oid), ...(critical ? [derBoolean(true)] : []), derOctetString(value));
}

/** Critical basic constraints of an authority. */
export function caExtension(pathLength?: number): Uint8Array {
  const length = pathLength === undefined ? [] : [derInteger(BigInt(pathLength))];
  return extension("2.5.29.19", derSequence(derBoolean(true), ...length), true);
}

/** Critical key usage, given as the content of its BIT STRING: `0106` is keyCertSign and cRLSign. */
export function keyUsageExtension(contentHex: string): Uint8Array {
  return extension("2.5.29.15", derElement(0x03, Uint8Array.fromHex(contentHex)), true);
}

/** A certificate of version 3, by default of `CN=test` for the year 2025, signed by `signer`. */
export function buildCertificate(signer: TestSigner, parts: CertificateParts = {}): Uint8Array {
  const algorithm = parts.algorithm ?? signer.algorithm;
  const { extensions = [] } = parts;
  const tbs = derSequence(
    parts.version ?? derExplicit(0, derInteger(2n)),
    parts.serial ?? derInteger(7n),
    algorithm,
    parts.issuer ?? commonName("test"),
    parts.validity ?? derSequence(derTime(new Date("2025-01-01")), derTime(new Date("2026-01-01"))),
    parts.subject ?? commonName("test"),
    parts.spki ?? spkiOf(signer.publicKey),
    parts.uniqueIds ?? NOTHING,
    extensions.length > 0 ? derExplicit(3, derSequence(...extensions)) : NOTHING,
    parts.tail ?? NOTHING,
  );
  return derSequence(tbs, parts.outerAlgorithm ?? algorithm, derBitString(signer.sign(tbs)));
}

/** A revocation list of version 2, by default of `CN=test` for the year 2025 without entries, signed by `signer`. */
export function buildCrl(signer: TestSigner, parts: CrlParts = {}): Uint8Array {
  const algorithm = parts.algorithm ?? signer.algorithm;
  const { entries = [], extensions = [] } = parts;
  const tbs = derSequence(
    parts.version ?? derInteger(1n),
    algorithm,
    parts.issuer ?? commonName("test"),
    parts.thisUpdate ?? derTime(new Date("2025-01-01")),
    parts.nextUpdate ?? derTime(new Date("2026-01-01")),
    entries.length > 0 ? derSequence(...entries) : NOTHING,
    extensions.length > 0 ? derExplicit(0, derSequence(...extensions)) : NOTHING,
  );
  return derSequence(tbs, algorithm, derBitString(signer.sign(tbs)));
}

/** An entry of a revocation list. */
export function revokedEntry(serial: bigint, extensions: readonly Uint8Array[] = []): Uint8Array {
  const wrapped = extensions.length > 0 ? derSequence(...extensions) : NOTHING;
  return derSequence(derInteger(serial), derTime(new Date("2025-02-01")), wrapped);
}

function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}
