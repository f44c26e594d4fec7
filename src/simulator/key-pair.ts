import { createPublicKey, generateKeyPair, generateKeyPairSync, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { encodePublicKeyDer } from "../lib/der-key.ts";

/** A private key with its public half. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly spkiDer: Uint8Array;
}

/** Curves of chips and of Intel's authorities. */
export type KeyCurve = "P-256" | "P-384";

const generate = promisify(generateKeyPair);

/** The pair of a private key. */
export function keyPairOf(privateKey: KeyObject): KeyPair {
  const publicKey = createPublicKey(privateKey);
  return { privateKey, publicKey, spkiDer: encodePublicKeyDer(publicKey, "spki") };
}

/** A fresh key on a curve. */
export function createEcKeyPair(namedCurve: KeyCurve): KeyPair {
  return keyPairOf(generateKeyPairSync("ec", { namedCurve }).privateKey);
}

/** A fresh RSA key; other threads look for its primes, so that several keys can be made at once. */
export async function createRsaKeyPair(modulusLength: number): Promise<KeyPair> {
  const { privateKey } = await generate("rsa", { modulusLength });
  return keyPairOf(privateKey);
}
