import { type KeyObject, sign } from "node:crypto";
import { ContrastError } from "../../lib/errors.ts";
import { derNull, derOid, derSequence } from "../der-writer.ts";

/** What signs certificates: a key with the algorithm that belongs to it. */
export interface CertificateSigner {
  /** AlgorithmIdentifier, DER. */
  readonly algorithm: Uint8Array;
  /** The signature over the bytes, in the form of certificates. */
  readonly sign: (data: Uint8Array) => Uint8Array;
}

interface SignatureKind {
  readonly hash: "sha256" | "sha384";
  readonly algorithm: Uint8Array;
}

const ECDSA_SHA256: SignatureKind = { hash: "sha256", algorithm: derSequence(derOid("1.2.840.10045.4.3.2")) };
const ECDSA_SHA384: SignatureKind = { hash: "sha384", algorithm: derSequence(derOid("1.2.840.10045.4.3.3")) };
const RSA_SHA256: SignatureKind = {
  hash: "sha256",
  algorithm: derSequence(derOid("1.2.840.113549.1.1.11"), derNull()),
};
const MIN_RSA_BITS = 2048;

/**
 * Signs with ECDSA and SHA-256 on P-256, ECDSA and SHA-384 on P-384, RSASSA-PKCS1-v1_5 and SHA-256 for RSA.
 *
 * @param key private; on P-256 or P-384, or RSA of 2048 bits or more
 * @throws ContrastError `pki/key-invalid` for other keys
 * @see RFC 5758 section 3.2, RFC 4055 section 5
 */
export function certificateSigner(key: KeyObject): CertificateSigner {
  const { hash, algorithm } = signatureKindOf(key);
  return { algorithm, sign: (data) => new Uint8Array(sign(hash, data, key)) };
}

function signatureKindOf(key: KeyObject): SignatureKind {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.type === "private" && namedCurve === "prime256v1") return ECDSA_SHA256;
  if (key.type === "private" && namedCurve === "secp384r1") return ECDSA_SHA384;
  if (key.type === "private" && key.asymmetricKeyType === "rsa" && modulusLength >= MIN_RSA_BITS) return RSA_SHA256;
  const got = `${namedCurve ?? key.asymmetricKeyType ?? "no"} ${key.type} key`;
  const want = `private key on P-256 or P-384, or RSA of ${MIN_RSA_BITS} bits`;
  throw new ContrastError("pki/key-invalid", `Cannot make a certificate: got ${got}, want ${want}`);
}
