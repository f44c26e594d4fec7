import { describe, expect, test } from "bun:test";
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { verifyEcdsa } from "../../src/pki/ecdsa.ts";
import { verifyRawEcdsa } from "../../src/pki/raw-ecdsa.ts";
import { decryptOaep } from "../../src/pki/rsa-oaep.ts";
import { verifyRsaPss } from "../../src/pki/rsa-signature.ts";
import { codeOf } from "../fakes/error-code.ts";
import { readWycheproof, type WycheproofGroup, wycheproofFolder, type WycheproofVector } from "../fakes/wycheproof.ts";

/** Name of a file and its SHA-256. */
const FILES = {
  p256Der: ["ecdsa_secp256r1_sha256", "182db4f3e230f6f9fa9f800d2a614dede30284b8e8438bbfe1171905402e9332"],
  p256Raw: ["ecdsa_secp256r1_sha256_p1363", "c60de693930e386c3a5472d08081623ef8504decc54b38ac01ec6b2a2575c986"],
  p384Der: ["ecdsa_secp384r1_sha384", "8a5b3ae1760975143414811f13588c24d951d9d8c904195087ba327591dfe9cc"],
  p384Raw: ["ecdsa_secp384r1_sha384_p1363", "e27344bf6daae75fa19663620883809f91c79fc4b4420eff9eae8036b34476be"],
  pss: ["rsa_pss_4096_sha384_mgf1_48", "d632649a7630f7c267eda576714ca11cf0ff068d6622f576b8701f923c112577"],
  oaep2048: ["rsa_oaep_2048_sha256_mgf1sha256", "83dce701e3d8640ac56e6d7bf37a5a8f9bd6a336e1e932a1e9bfe4ba9c5ea3a9"],
  oaep3072: ["rsa_oaep_3072_sha256_mgf1sha256", "c8122302f522bfd539650c71c4aa966bd1f89acb50c6f4c190030fdb9b2684a4"],
  oaep4096: ["rsa_oaep_4096_sha256_mgf1sha256", "e0eb85bcd6d66a85941ee3d98e44f7d1ffb0cf870ba6550e1ed3bec4174c60a9"],
  oaepMisc: ["rsa_oaep_misc", "a989f2f0fb3151fe45ba93c629beb620fc949a0ba0ff1f694e451a6885449c79"],
} as const;

const folder = wycheproofFolder();

/** Vectors that may go either way, by their flags, with what we do. */
const ACCEPTABLE: Readonly<Record<string, "accepted" | "refused">> = {
  // The ciphertext is a small number, which an attacker who knows the key can choose. It decrypts as RFC 8017 says.
  "Constructed,EncryptionWithLabel,SmallIntegerCiphertext": "accepted",
};

/**
 * Runs all vectors of a file.
 *
 * @param run gives a text that starts with `no error` or the code of the error
 * @param refusal the only code that a refused vector may have
 * @returns how many vectors there were, and those that went the wrong way
 */
function judge(
  file: readonly [name: string, sha256: string],
  refusal: string,
  run: (group: WycheproofGroup, vector: WycheproofVector) => string,
  isWanted: (group: WycheproofGroup) => boolean = () => true,
): { readonly count: number; readonly exceptions: readonly string[] } {
  const [name, sha256] = file;
  const exceptions: string[] = [];
  let count = 0;
  for (const group of readWycheproof(folder ?? "", name, sha256).filter(isWanted)) {
    for (const vector of group.tests) {
      const outcome = run(group, vector);
      const expected = vector.result === "acceptable" ? (ACCEPTABLE[vector.flags.join()] ?? "unlisted") : vector.result;
      const isAsExpected = outcome.startsWith("no error")
        ? expected === "valid" || expected === "accepted"
        : outcome === refusal && (expected === "invalid" || expected === "refused");
      if (!isAsExpected)
        exceptions.push(`${name} ${vector.tcId} (${vector.comment}): got ${outcome}, want ${expected}`);
      count++;
    }
  }
  return { count, exceptions };
}

const bytes = (hex: string): Uint8Array => Uint8Array.fromHex(hex);

const publicKeys = new WeakMap<WycheproofGroup, KeyObject>();

function publicKeyOf(group: WycheproofGroup): KeyObject {
  const key =
    publicKeys.get(group) ??
    createPublicKey({ key: Buffer.from(group.publicKeyDer, "hex"), format: "der", type: "spki" });
  publicKeys.set(group, key);
  return key;
}

describe.skipIf(folder === undefined)("Wycheproof's vectors", () => {
  test.each([
    ["p256Der", "sha256", 484],
    ["p384Der", "sha384", 504],
  ] as const)("verifyEcdsa() agrees with %s", (name, hash, vectors) => {
    const { count, exceptions } = judge(FILES[name], "pki/signature-invalid", (group, { msg, sig }) =>
      codeOf(() => verifyEcdsa(hash, bytes(msg), publicKeyOf(group), bytes(sig), "signature")),
    );
    expect(exceptions).toEqual([]);
    expect(count).toBe(vectors);
  });

  test.each([
    ["p256Raw", "sha256", 262],
    ["p384Raw", "sha384", 280],
  ] as const)("verifyRawEcdsa() agrees with %s", (name, hash, vectors) => {
    const { count, exceptions } = judge(FILES[name], "pki/signature-invalid", (group, { msg, sig }) =>
      codeOf(() => verifyRawEcdsa(hash, bytes(msg), publicKeyOf(group), bytes(sig), "signature")),
    );
    expect(exceptions).toEqual([]);
    expect(count).toBe(vectors);
  });

  test("verifyRsaPss() agrees about 4096 bits with SHA-384", () => {
    const { count, exceptions } = judge(FILES.pss, "pki/signature-invalid", (group, { msg, sig }) => {
      expect([group.sha, group.mgfSha]).toEqual(["SHA-384", "SHA-384"]);
      const parameters = { hash: "sha384", mgfHash: "sha384", saltLength: group.sLen } as const;
      return codeOf(() => verifyRsaPss(parameters, bytes(msg), publicKeyOf(group), bytes(sig), "signature"));
    });
    expect(exceptions).toEqual([]);
    expect(count).toBe(141);
  });

  test.each([
    ["oaep2048", 37],
    ["oaep3072", 37],
    ["oaep4096", 37],
    ["oaepMisc", 34],
  ] as const)("decryptOaep() agrees with %s", (name, vectors) => {
    const isOurs = (group: WycheproofGroup): boolean => group.sha === "SHA-256" && group.mgfSha === "SHA-256";
    const run = (group: WycheproofGroup, { msg, ct, label }: WycheproofVector): string =>
      codeOf(() => {
        const key = createPrivateKey({ key: Buffer.from(group.privateKeyPkcs8, "hex"), format: "der", type: "pkcs8" });
        const plaintext = decryptOaep(key, bytes(ct), bytes(label));
        if (plaintext.toHex() !== msg) throw new Error("another plaintext");
      });
    const { count, exceptions } = judge(FILES[name], "pki/decryption-failed", run, isOurs);
    expect(exceptions).toEqual([]);
    expect(count).toBe(vectors);
  });
});
