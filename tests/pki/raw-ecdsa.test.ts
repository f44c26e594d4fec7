import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { p256KeyFromPoint, verifyRawEcdsa } from "../../src/pki/raw-ecdsa.ts";
import { spkiOf } from "../fakes/certificate-builder.ts";
import { codeOf } from "../fakes/error-code.ts";
import { bitFlips } from "../fakes/mutations.ts";

const data = Uint8Array.of(1, 2, 3);
function newKey(namedCurve: string): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve });
}

describe("verifyRawEcdsa()", () => {
  test.each([
    ["P-256", "sha256", 64],
    ["P-384", "sha384", 96],
  ] as const)("accepts r and s of %s, and nothing that differs in a bit or in length", (curve, hash, length) => {
    const { privateKey, publicKey } = newKey(curve);
    const rs = new Uint8Array(sign(hash, data, { key: privateKey, dsaEncoding: "ieee-p1363" }));
    const outcome = (signature: Uint8Array): string =>
      codeOf(() => verifyRawEcdsa(hash, data, publicKey, signature, "signature"));
    expect(rs.length).toBe(length);
    expect(outcome(rs)).toStartWith("no error");
    for (const { flipped } of bitFlips(rs, 13)) expect(outcome(flipped)).toBe("pki/signature-invalid");
    const padded = (from: number, to: number): Uint8Array =>
      Uint8Array.from(Buffer.concat([new Uint8Array(from), rs, new Uint8Array(to)]));
    for (const wrong of [
      rs.subarray(1),
      rs.subarray(0, -1),
      padded(1, 0),
      padded(0, 1),
      padded(0, 2),
      new Uint8Array(),
      new Uint8Array(length),
    ]) {
      expect(outcome(wrong)).toBe("pki/signature-invalid");
    }
  });

  test("refuses keys that are not on P-256 or P-384", () => {
    const large = newKey("P-521");
    const rs = new Uint8Array(sign("sha384", data, { key: large.privateKey, dsaEncoding: "ieee-p1363" }));
    expect(codeOf(() => verifyRawEcdsa("sha384", data, large.publicKey, rs, "signature"))).toBe(
      "pki/signature-invalid",
    );
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pkcs1 = new Uint8Array(sign("sha256", data, rsa.privateKey));
    expect(codeOf(() => verifyRawEcdsa("sha256", data, rsa.publicKey, pkcs1, "signature"))).toBe(
      "pki/signature-invalid",
    );
  });
});

describe("p256KeyFromPoint()", () => {
  test("makes the key of a point", () => {
    const { publicKey } = newKey("P-256");
    const point = spkiOf(publicKey).slice(-64);
    expect(p256KeyFromPoint(point).equals(publicKey)).toBe(true);
  });

  test("refuses what is not a point of the curve", () => {
    const point = spkiOf(newKey("P-256").publicKey).slice(-64);
    point[63]! ^= 1;
    for (const wrong of [
      point,
      new Uint8Array(64),
      new Uint8Array(64).fill(0xff),
      new Uint8Array(63),
      new Uint8Array(65),
    ]) {
      expect(codeOf(() => p256KeyFromPoint(wrong))).toBe("pki/key-invalid");
    }
  });
});
