import { describe, expect, test } from "bun:test";
import { constants, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { SignatureAlgorithm } from "../../../src/pki/x509/signature-algorithm.ts";
import { verifySigned } from "../../../src/pki/x509/verify-signed.ts";
import { codeOf } from "../../fakes/error-code.ts";

const tbsDer = Uint8Array.of(0x30, 0);
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-384" });
const ed25519 = generateKeyPairSync("ed25519");
const pssOptions = { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING };

const pss = (saltLength: number, hash = "sha384"): Uint8Array =>
  new Uint8Array(sign(hash, tbsDer, { ...pssOptions, saltLength }));
const pkcs1 = (hash: string): Uint8Array => new Uint8Array(sign(hash, tbsDer, rsa.privateKey));
const ecdsa = (hash: string): Uint8Array => new Uint8Array(sign(hash, tbsDer, ec.privateKey));

const ed25519Signature = new Uint8Array(sign(undefined, tbsDer, ed25519.privateKey));

const PSS: SignatureAlgorithm = { kind: "rsa-pss", hash: "sha384", mgfHash: "sha384", saltLength: 48 };

const outcome = (signatureAlgorithm: SignatureAlgorithm, signature: Uint8Array, key: KeyObject): string =>
  codeOf(() => verifySigned({ tbsDer, signatureAlgorithm, signature }, key, "signature"));

describe("verifySigned()", () => {
  test.each<[string, SignatureAlgorithm, Uint8Array, KeyObject]>([
    ["RSASSA-PSS", PSS, pss(48), rsa.publicKey],
    [
      "RSASSA-PSS with SHA-256 and another salt",
      { ...PSS, hash: "sha256", mgfHash: "sha256", saltLength: 7 },
      pss(7, "sha256"),
      rsa.publicKey,
    ],
    ["RSASSA-PKCS1-v1_5", { kind: "rsa-pkcs1", hash: "sha256" }, pkcs1("sha256"), rsa.publicKey],
    ["ECDSA with SHA-384", { kind: "ecdsa", hash: "sha384" }, ecdsa("sha384"), ec.publicKey],
    ["ECDSA with SHA-512", { kind: "ecdsa", hash: "sha512" }, ecdsa("sha512"), ec.publicKey],
    ["Ed25519", { kind: "ed25519" }, ed25519Signature, ed25519.publicKey],
  ])("accepts %s", (_, algorithm, signature, key) => {
    expect(outcome(algorithm, signature, key)).toStartWith("no error");
  });

  test.each<[string, SignatureAlgorithm, Uint8Array, KeyObject]>([
    ["a shorter salt than stated", PSS, pss(47), rsa.publicKey],
    ["a longer salt than stated", PSS, pss(49), rsa.publicKey],
    ["no salt although one is stated", PSS, pss(0), rsa.publicKey],
    ["another hash than stated", PSS, pss(48, "sha256"), rsa.publicKey],
    ["PKCS #1 where PSS is stated", PSS, pkcs1("sha384"), rsa.publicKey],
    ["PSS where PKCS #1 is stated", { kind: "rsa-pkcs1", hash: "sha384" }, pss(48), rsa.publicKey],
    ["another hash of PKCS #1 than stated", { kind: "rsa-pkcs1", hash: "sha256" }, pkcs1("sha384"), rsa.publicKey],
    ["another hash of ECDSA than stated", { kind: "ecdsa", hash: "sha256" }, ecdsa("sha384"), ec.publicKey],
    // The platform would verify these: for an EC key it ignores the padding, for an RSA key the form of the pair.
    ["an ECDSA signature where PSS is stated", PSS, ecdsa("sha384"), ec.publicKey],
    [
      "an ECDSA signature where PKCS #1 is stated",
      { kind: "rsa-pkcs1", hash: "sha384" },
      ecdsa("sha384"),
      ec.publicKey,
    ],
    ["a PKCS #1 signature where ECDSA is stated", { kind: "ecdsa", hash: "sha384" }, pkcs1("sha384"), rsa.publicKey],
    // Without a hash, it takes SHA-256 for keys that need one.
    ["an ECDSA signature where Ed25519 is stated", { kind: "ed25519" }, ecdsa("sha256"), ec.publicKey],
    ["a PKCS #1 signature where Ed25519 is stated", { kind: "ed25519" }, pkcs1("sha256"), rsa.publicKey],
    [
      "an Ed25519 signature where ECDSA is stated",
      { kind: "ecdsa", hash: "sha512" },
      ed25519Signature,
      ed25519.publicKey,
    ],
    [
      "a changed Ed25519 signature",
      { kind: "ed25519" },
      ed25519Signature.with(0, ed25519Signature[0]! ^ 1),
      ed25519.publicKey,
    ],
    ["an empty Ed25519 signature", { kind: "ed25519" }, new Uint8Array(), ed25519.publicKey],
    ["an empty signature", { kind: "ecdsa", hash: "sha384" }, new Uint8Array(), ec.publicKey],
    ["a signature of another length than the modulus", PSS, pss(48).subarray(1), rsa.publicKey],
  ])("refuses %s", (_, algorithm, signature, key) => {
    expect(outcome(algorithm, signature, key)).toBe("pki/signature-invalid");
  });

  test("does not know other algorithms, nor RSASSA-PSS with two hashes", () => {
    expect(outcome({ kind: "unknown", oid: "1.2.3" }, pss(48), rsa.publicKey)).toBe("pki/algorithm-unsupported");
    expect(outcome({ ...PSS, mgfHash: "sha256" }, pss(48), rsa.publicKey)).toBe("pki/algorithm-unsupported");
  });

  test("takes a key that the platform cannot use for a signature that does not hold", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const broken = new Proxy(privateKey, {
      get: (target, name) => (name === "asymmetricKeyType" ? "ec" : Reflect.get(target, name)),
    });
    expect(outcome({ kind: "ecdsa", hash: "sha256" }, ecdsa("sha256"), broken)).toBe("pki/signature-invalid");
  });
});
