import { constants, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
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

/**
 * Encrypts with RSA-OAEP and SHA-256, also in the mask function.
 *
 * @param publicKey RSA
 * @param plaintext at most the modulus less 66 bytes; may be secret, not retained
 * @param label bound to the ciphertext, such as `seedshare`
 * @returns as many bytes as the modulus has
 * @throws ContrastError `pki/key-invalid` for a key that is not RSA, or is too short
 * @see RFC 8017 section 7.1.1
 */
export function encryptOaep(publicKey: KeyObject, plaintext: Uint8Array, label: Uint8Array): Uint8Array {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    return new Uint8Array(publicEncrypt({ key: publicKey, padding, oaepHash: "sha256", oaepLabel: label }, plaintext));
  } catch {
    const got = publicKey.asymmetricKeyType ?? "secret";
    throw new ContrastError(
      "pki/key-invalid",
      `Cannot encrypt: got a key of kind ${got}, want an RSA key that is long enough`,
    );
  }
}
