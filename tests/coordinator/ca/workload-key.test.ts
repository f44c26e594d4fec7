import { describe, expect, test } from "bun:test";
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { certifiedKey } from "../../../src/coordinator/ca/workload-key.ts";
import { derBitString, derExplicit, derInteger, derNull, derOid, derSequence } from "../../../src/pki/der-writer.ts";
import { spkiOf } from "../../fakes/certificate-builder.ts";
import { codeOf } from "../../fakes/error-code.ts";

const ec = (namedCurve: string): KeyObject => generateKeyPairSync("ec", { namedCurve }).publicKey;
const rsa = (modulusLength: number): KeyObject => generateKeyPairSync("rsa", { modulusLength }).publicKey;

/** An RSA key of any number; nobody has the private half. */
function rsaSpki(number: bigint): Uint8Array {
  const algorithm = derSequence(derOid("1.2.840.113549.1.1.1"), derNull());
  return derSequence(algorithm, derBitString(derSequence(derInteger(number + 1n), derInteger(65_537n))));
}

describe("certifiedKey()", () => {
  test.each([
    ["P-256", ec("P-256")],
    ["P-384", ec("P-384")],
    ["P-521", ec("P-521")],
    ["Ed25519", generateKeyPairSync("ed25519").publicKey],
    ["RSA of 2048 bits", rsa(2048)],
    ["RSA of 8192 bits", createPublicKey({ key: Buffer.from(rsaSpki(1n << 8191n)), format: "der", type: "spki" })],
  ])("takes a key on %s", (_, key) => {
    expect(certifiedKey(spkiOf(key))).toEqual(spkiOf(key));
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["what is no key", derSequence()],
    ["bytes behind the key", Uint8Array.of(...spkiOf(ec("P-256")), 0)],
    ["an extension behind the key", Uint8Array.of(...spkiOf(ec("P-256")), ...derExplicit(3, derSequence()))],
    ["a point that is not on the curve", spkiOf(ec("P-256")).map((byte, index) => (index === 90 ? byte ^ 1 : byte))],
    ["P-224", spkiOf(ec("P-224"))],
    ["RSA of 1024 bits", spkiOf(rsa(1024))],
    ["RSA of more than 8192 bits", rsaSpki(1n << 8192n)],
    ["X25519", spkiOf(generateKeyPairSync("x25519").publicKey)],
  ])("refuses %s", (_, der) => {
    expect(codeOf(() => certifiedKey(der))).toBe("coordinator/workload-key-invalid");
  });
});
