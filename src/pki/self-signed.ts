import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { encodePublicKeyDer } from "../lib/der-key.ts";
import { ContrastError } from "../lib/errors.ts";
import { randomHex } from "../lib/random.ts";
import {
  derBitString,
  derBoolean,
  derExplicit,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derSet,
  derText,
  derTime,
} from "./der-writer.ts";

/** What stands in a self-signed certificate. */
export interface SelfSignedTemplate {
  readonly commonName: string;
  /** Private key on P-256 or P-384, or RSA of 2048 bits or more. */
  readonly key: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** In this order; nothing is added to them. */
  readonly extensions: readonly CertificateExtension[];
  /** 0 or more; random below 2^128 unless given. */
  readonly serial?: bigint | undefined;
}

/** An extension to write. */
export interface CertificateExtension {
  readonly oid: string;
  readonly critical?: boolean | undefined;
  readonly value: Uint8Array;
}

interface Signer {
  readonly hash: "sha256" | "sha384";
  readonly algorithm: Uint8Array;
}

const COMMON_NAME = "2.5.4.3";
const SERIAL_BYTES = 16;
const MIN_RSA_BITS = 2048;

/**
 * Makes a certificate of version 3 whose subject and issuer are one common name and which is signed with its own key:
 * ECDSA with SHA-256 on P-256 and SHA-384 on P-384, RSASSA-PKCS1-v1_5 with SHA-256 for RSA. Beside the given extensions
 * it has none, as aTLS wants it.
 *
 * @returns DER
 * @throws ContrastError `pki/key-invalid` for other keys
 * @see edgelesssys/contrast `internal/atls`
 */
export function createSelfSigned(template: SelfSignedTemplate): Uint8Array {
  const { commonName, key, notBefore, notAfter, extensions } = template;
  const { hash, algorithm } = signerFor(key);
  const serial = template.serial ?? BigInt(`0x${randomHex(SERIAL_BYTES)}`);
  const name = derSequence(derSet(derSequence(derOid(COMMON_NAME), derText(commonName))));
  const tbs = derSequence(
    derExplicit(0, derInteger(2n)),
    derInteger(serial),
    algorithm,
    name,
    derSequence(derTime(notBefore), derTime(notAfter)),
    name,
    encodePublicKeyDer(createPublicKey(key), "spki"),
    ...(extensions.length === 0 ? [] : [derExplicit(3, derSequence(...extensions.map(encodeExtension)))]),
  );
  return derSequence(tbs, algorithm, derBitString(sign(hash, tbs, key)));
}

function encodeExtension({ oid, critical, value }: CertificateExtension): Uint8Array {
  return derSequence(derOid(oid), ...(critical === true ? [derBoolean(true)] : []), derOctetString(value));
}

function signerFor(key: KeyObject): Signer {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.type === "private" && namedCurve === "prime256v1") {
    return { hash: "sha256", algorithm: derSequence(derOid("1.2.840.10045.4.3.2")) };
  }
  if (key.type === "private" && namedCurve === "secp384r1") {
    return { hash: "sha384", algorithm: derSequence(derOid("1.2.840.10045.4.3.3")) };
  }
  if (key.type === "private" && key.asymmetricKeyType === "rsa" && modulusLength >= MIN_RSA_BITS) {
    return { hash: "sha256", algorithm: derSequence(derOid("1.2.840.113549.1.1.11"), derNull()) };
  }
  const got = `${namedCurve ?? key.asymmetricKeyType ?? "no"} ${key.type} key`;
  const want = `private key on P-256 or P-384, or RSA of ${MIN_RSA_BITS} bits`;
  throw new ContrastError("pki/key-invalid", `Cannot make a certificate: got ${got}, want ${want}`);
}
