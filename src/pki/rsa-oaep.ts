import { constants, type KeyObject, privateDecrypt } from "node:crypto";
import { ContrastError } from "../lib/errors.ts";

/**
 * Decrypts RSA-OAEP with SHA-256, also in the mask function.
 *
 * @param privateKey RSA
 * @param label must be the one of the encryption, such as `seedshare`
 * @returns the plaintext, which may be secret; the caller owns it
 * @throws ContrastError `pki/decryption-failed`, which does not say why: the reason would help an attacker
 * @see RFC 8017 section 7.1.2
 */
export function decryptOaep(privateKey: KeyObject, ciphertext: Uint8Array, label: Uint8Array): Uint8Array {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    return new Uint8Array(
      privateDecrypt({ key: privateKey, padding, oaepHash: "sha256", oaepLabel: label }, ciphertext),
    );
  } catch {
    throw new ContrastError("pki/decryption-failed", "Cannot decrypt: it is encrypted for another key or label", {
      hint: "Use the private key whose public key stands beside the encrypted value.",
    });
  }
}
