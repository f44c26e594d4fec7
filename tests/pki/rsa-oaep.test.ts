import { describe, expect, test } from "bun:test";
import { constants, generateKeyPairSync, publicEncrypt } from "node:crypto";
import { decryptOaep, encryptOaep } from "../../src/pki/rsa-oaep.ts";
import { codeOf } from "../fakes/error-code.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const LABEL = new TextEncoder().encode("seedshare");
const SEED = Uint8Array.from({ length: 64 }, (_, index) => index);

function encrypted(oaepHash = "sha256", oaepLabel = LABEL): Uint8Array {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return new Uint8Array(publicEncrypt({ key: publicKey, padding, oaepHash, oaepLabel }, SEED));
}

describe("decryptOaep()", () => {
  test("gives the plaintext back", () => {
    expect(decryptOaep(privateKey, encrypted(), LABEL)).toEqual(SEED);
    expect(decryptOaep(privateKey, encrypted("sha256", new Uint8Array()), new Uint8Array())).toEqual(SEED);
  });

  test("refuses another label, hash, key or length, and damage", () => {
    const refused = (key: typeof privateKey, ciphertext: Uint8Array, label = LABEL): void => {
      expect(codeOf(() => decryptOaep(key, ciphertext, label))).toBe("pki/decryption-failed");
    };
    const damaged = encrypted();
    damaged[100]! ^= 1;
    refused(privateKey, encrypted(), new TextEncoder().encode("seedshar"));
    refused(privateKey, encrypted(), new Uint8Array());
    refused(privateKey, encrypted("sha1"));
    refused(privateKey, encrypted("sha384"));
    refused(privateKey, damaged);
    refused(privateKey, encrypted().subarray(1));
    refused(privateKey, new Uint8Array());
    refused(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey, encrypted());
    refused(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey, encrypted());
    refused(publicKey, encrypted());
  });
});

describe("encryptOaep()", () => {
  test("makes what decryptOaep() reads, another one each time", () => {
    const ciphertexts = [encryptOaep(publicKey, SEED, LABEL), encryptOaep(publicKey, SEED, LABEL)];
    expect(ciphertexts.map(({ length }) => length)).toEqual([256, 256]);
    expect(ciphertexts.map((ciphertext) => decryptOaep(privateKey, ciphertext, LABEL))).toEqual([SEED, SEED]);
    expect(ciphertexts[0]).not.toEqual(ciphertexts[1]!);
  });

  test("takes at most the modulus less 66 bytes", () => {
    expect(encryptOaep(publicKey, new Uint8Array(190), LABEL)).toHaveLength(256);
    expect(codeOf(() => encryptOaep(publicKey, new Uint8Array(191), LABEL))).toBe("pki/key-invalid");
  });

  test("refuses keys of another kind", () => {
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    expect(codeOf(() => encryptOaep(other, SEED, LABEL))).toBe("pki/key-invalid");
  });
});
