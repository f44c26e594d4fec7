import { describe, expect, test } from "bun:test";
import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { p384PrivateKey } from "../../src/pki/p384-key.ts";
import { codeOf } from "../fakes/error-code.ts";

const ORDER = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;
const scalar = (value: bigint, length = 48): Uint8Array =>
  Uint8Array.fromHex(value.toString(16).padStart(length * 2, "0"));

describe("p384PrivateKey()", () => {
  test("makes the key of a scalar", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const d = Buffer.from(privateKey.export({ format: "jwk" }).d!, "base64url");
    const key = p384PrivateKey(new Uint8Array(d));
    expect(createPublicKey(key).export({ format: "jwk" })).toEqual(publicKey.export({ format: "jwk" }));
    const data = Buffer.from("data");
    expect(verify("sha384", data, publicKey, sign("sha384", data, key))).toBe(true);
  });

  test("takes the smallest and the largest scalar", () => {
    for (const value of [1n, ORDER - 1n]) {
      const { d } = p384PrivateKey(scalar(value)).export({ format: "jwk" });
      expect(Buffer.from(d!, "base64url").toString("hex")).toBe(scalar(value).toHex());
    }
  });

  test.each([
    ["zero", scalar(0n)],
    ["the order of the curve", scalar(ORDER)],
    ["more than that", new Uint8Array(48).fill(0xff)],
    ["too few bytes", scalar(1n, 47)],
    ["too many bytes", scalar(1n, 49)],
    ["no bytes", new Uint8Array()],
  ])("refuses %s", (_, bytes) => {
    expect(codeOf(() => p384PrivateKey(bytes))).toBe("pki/key-invalid");
  });
});
