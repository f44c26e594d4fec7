import { describe, expect, test } from "bun:test";
import { AMD_SIGNATURE, isAmdSignature } from "../../../src/attestation/snp/amd-signature.ts";
import type { SignatureAlgorithm } from "../../../src/pki/x509/signature-algorithm.ts";

describe("isAmdSignature()", () => {
  test("knows RSASSA-PSS with SHA-384 and a salt of 48 bytes", () => {
    expect(isAmdSignature({ kind: "rsa-pss", hash: "sha384", mgfHash: "sha384", saltLength: 48 })).toBe(true);
  });

  test.each<SignatureAlgorithm>([
    { ...AMD_SIGNATURE, hash: "sha256" },
    { ...AMD_SIGNATURE, mgfHash: "sha256" },
    { ...AMD_SIGNATURE, saltLength: 32 },
    { kind: "rsa-pkcs1", hash: "sha384" },
    { kind: "ecdsa", hash: "sha384" },
    { kind: "unknown", oid: "1.2.3" },
  ])("does not take %j for it", (algorithm) => {
    expect(isAmdSignature(algorithm)).toBe(false);
  });
});
