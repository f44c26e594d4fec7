import { createPublicKey, type KeyObject } from "node:crypto";
import { encodePublicKeyDer } from "../../src/lib/der-key.ts";
import {
  derBitString,
  derElement,
  derExplicit,
  derInteger,
  derOid,
  derSequence,
  derTime,
} from "../../src/pki/der-writer.ts";
import { type CertificateTemplate, encodeExtension } from "../../src/pki/x509/create-certificate.ts";
import { basicConstraintsExtension } from "../../src/pki/x509/encode-extensions.ts";
import { encodeName } from "../../src/pki/x509/encode-name.ts";
import { NAME_OID } from "../../src/pki/x509/name.ts";
import { createEcKeyPair } from "../../src/simulator/key-pair.ts";
import { revokedEntry as plainEntry, type RevocationListTemplate } from "../../src/simulator/revocation-list.ts";
import { ecdsaSigner, type Signer as TestSigner } from "../../src/simulator/signer.ts";

export { pssAlgorithm, type Signer as TestSigner } from "../../src/simulator/signer.ts";

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

/** No bytes: a member that is left out. */
export const NOTHING = new Uint8Array();

/** AlgorithmIdentifier of ECDSA with SHA-256. */
export const ECDSA_SHA256 = derSequence(derOid("1.2.840.10045.4.3.2"));

/** A signer with a fresh P-256 key. */
export function newSigner(): TestSigner {
  return ecdsaSigner(createEcKeyPair("P-256"));
}

/** SubjectPublicKeyInfo of a key. */
export function spkiOf(key: KeyObject): Uint8Array {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return encodePublicKeyDer(publicKey, "spki");
}

/** A name of one RDN with a common name. */
export function commonName(text: string): Uint8Array {
  return encodeName([{ oid: NAME_OID.commonName, value: text }]);
}

/** One extension; `value` is what its octet string holds. */
export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return encodeExtension({ oid, value, critical });
}

/** Critical basic constraints of an authority. */
export function caExtension(pathLength?: number): Uint8Array {
  return encodeExtension(basicConstraintsExtension({ ca: true, pathLength }));
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

/** What a sane writer would put into a certificate, to be changed. */
export function partsOf(template: CertificateTemplate): CertificateParts {
  const { serial, issuer, subject, notBefore, notAfter, spkiDer, extensions } = template;
  return {
    serial: derInteger(serial),
    issuer,
    subject,
    validity: derSequence(derTime(notBefore), derTime(notAfter)),
    spki: spkiDer,
    extensions: extensions.map(encodeExtension),
  };
}

/** The same of a revocation list. */
export function crlPartsOf(template: RevocationListTemplate): CrlParts {
  const { issuer, thisUpdate, nextUpdate, revoked, extensions } = template;
  return {
    issuer,
    thisUpdate: derTime(thisUpdate),
    nextUpdate: derTime(nextUpdate),
    entries: revoked.map((serial) => plainEntry(serial, thisUpdate)),
    extensions: extensions.map(encodeExtension),
  };
}
