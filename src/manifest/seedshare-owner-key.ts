import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { encodePublicKeyDer, parsePublicKeyDer, publicKeyOfPrivateDer } from "../lib/der-key.ts";
import { ContrastError } from "../lib/errors.ts";
import { parsePemBlock } from "../pki/pem-block.ts";
import { keyFromBlock, unsupportedBlock, wrongKey } from "./key-block.ts";

/** Size of new keys. */
const MODULUS_BITS = 4096;
/** Smaller keys do not protect the seed. */
const MINIMUM_MODULUS_BITS = 2048;

/** Makes a new RSA key of 4096 bits, as a PEM file of type `RSA PRIVATE KEY` (secret). Takes about half a second. */
export async function generateSeedshareOwnerKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: MODULUS_BITS });
  return privateKey.export({ type: "pkcs1", format: "pem" });
}

/**
 * What the manifest stores of a seed share owner: the PKCS #1 `RSAPublicKey` DER in lower-case hexadecimal.
 *
 * @param pem a private key (`RSA PRIVATE KEY`, `PRIVATE KEY`) or a public key (`RSA PUBLIC KEY`, `PUBLIC KEY`, the
 *   latter with SPKI or, as version 1.4 has it, with PKCS #1 inside); first block only
 * @param what named in messages, such as `seed share owner key "key.pem"`
 * @throws ContrastError `pki/pem-missing`, `pki/pem-invalid`, `manifest/key-file-invalid`
 */
export function seedshareOwnerPublicKey(pem: string, what: string): string {
  return encodeSeedshareOwner(parsePublicKey(pem, what), what);
}

/**
 * Writes the key of a seed share owner as the manifest stores it.
 *
 * @param key public
 * @param what named in messages
 * @throws ContrastError `manifest/key-file-invalid` for keys that are too short or of another kind than RSA
 */
export function encodeSeedshareOwner(key: KeyObject, what: string): string {
  if (key.asymmetricKeyType !== "rsa") throw wrongKey(what, key, "an RSA key");
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MINIMUM_MODULUS_BITS) {
    throw new ContrastError(
      "manifest/key-file-invalid",
      `Cannot use ${what}: got ${bits} bits, need at least ${MINIMUM_MODULUS_BITS}`,
    );
  }
  return encodePublicKeyDer(key, "pkcs1").toHex();
}

/**
 * Checks the form in which the manifest stores a key.
 *
 * @param hex PKCS #1 `RSAPublicKey` DER, either letter case
 * @returns what is wrong, or undefined
 */
export function seedshareKeyFault(hex: string): string | undefined {
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(hex)) return "parsing from hex: need pairs of hexadecimal digits";
  try {
    const key = parsePublicKeyDer(Uint8Array.fromHex(hex), "pkcs1");
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return bits < MINIMUM_MODULUS_BITS ? `got ${bits} bits, need at least ${MINIMUM_MODULUS_BITS}` : undefined;
  } catch {
    return "parsing from PKCS1: not an RSA public key";
  }
}

function parsePublicKey(pem: string, what: string): KeyObject {
  const block = parsePemBlock(pem, what);
  switch (block.type) {
    case "RSA PRIVATE KEY":
      return keyFromBlock(what, block, (der) => publicKeyOfPrivateDer(der, "pkcs1"));
    case "PRIVATE KEY":
      return keyFromBlock(what, block, (der) => publicKeyOfPrivateDer(der, "pkcs8"));
    case "RSA PUBLIC KEY":
      return keyFromBlock(what, block, (der) => parsePublicKeyDer(der, "pkcs1"));
    case "PUBLIC KEY":
      return keyFromBlock(what, block, parseEitherForm);
    default:
      throw unsupportedBlock(what, block, "RSA PRIVATE KEY, PRIVATE KEY, RSA PUBLIC KEY or PUBLIC KEY");
  }
}

function parseEitherForm(der: Uint8Array): KeyObject {
  try {
    return parsePublicKeyDer(der, "spki");
  } catch {
    return parsePublicKeyDer(der, "pkcs1");
  }
}
