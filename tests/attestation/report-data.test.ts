import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { reportDataOf } from "../../src/attestation/report-data.ts";

// The base point of P-256 as public key.
const SPKI = Uint8Array.fromHex(
  "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
);
const NONCE = Uint8Array.from({ length: 32 }, (_, index) => index);

describe("reportDataOf()", () => {
  test("gives the check value of the reference document", () => {
    expect(reportDataOf(SPKI, NONCE).toHex()).toBe(
      "381366df17eb25fccd6cbc8037f064cd7ad6b9192e62ba0481142cd0cc85c6e8c7a7ad2d982be6877442ba5ed786e55990bfe26792c490a1dc40a9b0722ac135",
    );
  });

  test("hashes the key before the nonce", () => {
    const expected = createHash("sha512")
      .update(Buffer.concat([SPKI, NONCE]))
      .digest("hex");
    expect(reportDataOf(SPKI, NONCE).toHex()).toBe(expected);
    expect(reportDataOf(NONCE, SPKI).toHex()).not.toBe(expected);
  });
});
