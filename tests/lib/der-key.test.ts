import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { encodePublicKeyDer, parsePublicKeyDer, publicKeyOfPrivateDer } from "../../src/lib/der-key.ts";

const PAIR = generateKeyPairSync("ec", { namedCurve: "P-256" });
const SPKI = encodePublicKeyDer(PAIR.publicKey, "spki");
const SEC1 = new Uint8Array(PAIR.privateKey.export({ type: "sec1", format: "der" }));

describe("parsePublicKeyDer()", () => {
  test("gives back what was encoded", () => {
    expect(encodePublicKeyDer(parsePublicKeyDer(SPKI, "spki"), "spki")).toEqual(SPKI);
  });
  test("refuses bytes behind the key, which the platform ignores", () => {
    expect(() => parsePublicKeyDer(Uint8Array.of(...SPKI, 0), "spki")).toThrow("not one DER SEQUENCE");
  });
  test("refuses the key cut at every byte", () => {
    for (let length = 0; length < SPKI.length; length++) {
      expect(() => parsePublicKeyDer(SPKI.subarray(0, length), "spki")).toThrow();
    }
  });
});

describe("publicKeyOfPrivateDer()", () => {
  test("gives the public half", () => {
    expect(encodePublicKeyDer(publicKeyOfPrivateDer(SEC1, "sec1"), "spki")).toEqual(SPKI);
  });
  test("refuses bytes behind the key", () => {
    expect(() => publicKeyOfPrivateDer(Uint8Array.of(...SEC1, 0), "sec1")).toThrow("not one DER SEQUENCE");
  });
});
