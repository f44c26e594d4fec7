import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { encodePublicKeyDer, parsePublicKeyDer, publicKeyOfPrivateDer } from "../lib/der-key.ts";
import { sha256Hex } from "../lib/digest.ts";
import { parsePemBlock } from "../pki/pem-block.ts";
import { keyFromBlock, unsupportedBlock, wrongKey } from "./key-block.ts";

/** Makes a new ECDSA key on P-384, as a PEM file of type `EC PRIVATE KEY` (288 bytes, secret). */
export async function generateWorkloadOwnerKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-384" });
  return privateKey.export({ type: "sec1", format: "pem" });
}

/**
 * What the manifest stores of a workload owner: SHA-256 over the SPKI DER of the public key, 64 lower-case hexadecimal
 * digits.
 *
 * @param pem a private key (`EC PRIVATE KEY`, `PRIVATE KEY`) or a public key (`PUBLIC KEY`); first block only
 * @param what named in messages, such as `workload owner key "key.pem"`
 * @throws ContrastError `pki/pem-missing`, `pki/pem-invalid`, `manifest/key-file-invalid`
 */
export function workloadOwnerKeyDigest(pem: string, what: string): string {
  const key = parsePublicKey(pem, what);
  if (key.asymmetricKeyType !== "ec") throw wrongKey(what, key, "an elliptic curve key");
  return sha256Hex(encodePublicKeyDer(key, "spki"));
}

function parsePublicKey(pem: string, what: string): KeyObject {
  const block = parsePemBlock(pem, what);
  switch (block.type) {
    case "EC PRIVATE KEY":
      return keyFromBlock(what, block, (der) => publicKeyOfPrivateDer(der, "sec1"));
    case "PRIVATE KEY":
      return keyFromBlock(what, block, (der) => publicKeyOfPrivateDer(der, "pkcs8"));
    case "PUBLIC KEY":
      return keyFromBlock(what, block, (der) => parsePublicKeyDer(der, "spki"));
    default:
      throw unsupportedBlock(what, block, "EC PRIVATE KEY, PRIVATE KEY or PUBLIC KEY");
  }
}
