import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { type SelfSignedTemplate, createSelfSigned } from "../../src/pki/self-signed.ts";
import { type Certificate, parseCertificate, publicKeyOf } from "../../src/pki/x509/certificate.ts";
import { renderName } from "../../src/pki/x509/name.ts";
import { checkPath } from "../../src/pki/x509/path.ts";
import { renderSignatureAlgorithm } from "../../src/pki/x509/signature-algorithm.ts";
import { spkiOf } from "../fakes/certificate-builder.ts";
import { codeOf } from "../fakes/error-code.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const keys = {
  p256: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
  p384: generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey,
  rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
};

function template(key: KeyObject): SelfSignedTemplate {
  const hours = (count: number): Date => new Date(NOW.getTime() + count * 60 * 60 * 1000);
  return { commonName: "Contrast", key, notBefore: hours(-2), notAfter: hours(2), extensions: [] };
}

const made = (key: KeyObject, changes: Partial<SelfSignedTemplate> = {}): Certificate =>
  parseCertificate(createSelfSigned({ ...template(key), ...changes }), "certificate");

describe("createSelfSigned()", () => {
  test.each([
    ["p256", "ECDSA with SHA-256"],
    ["p384", "ECDSA with SHA-384"],
    ["rsa", "RSASSA-PKCS1-v1_5 with SHA-256"],
  ] as const)("makes a certificate of version 3 for a key of kind %s", (kind, algorithm) => {
    const certificate = made(keys[kind]);
    expect(certificate.version).toBe(3);
    expect(renderName(certificate.subject)).toBe("CN=Contrast");
    expect(certificate.subject.attributes[0]?.tag).toBe(0x13);
    expect(certificate.issuer.der).toEqual(certificate.subject.der);
    expect(certificate.notBefore.toISOString()).toBe("2026-03-01T10:00:00.000Z");
    expect(certificate.notAfter.toISOString()).toBe("2026-03-01T14:00:00.000Z");
    expect(certificate.extensions).toEqual([]);
    expect(certificate.spkiDer).toEqual(spkiOf(keys[kind]));
    expect(renderSignatureAlgorithm(certificate.signatureAlgorithm)).toBe(algorithm);
    expect(checkPath([certificate], NOW).every(({ passed }) => passed)).toBe(true);
    expect(new X509Certificate(certificate.der).verify(publicKeyOf(certificate))).toBe(true);
  });

  test("writes the extensions that it is given, in their order", () => {
    const extensions = [
      { oid: "1.3.9901.2.1", value: new Uint8Array(5000) },
      { oid: "1.2.3", value: Uint8Array.of(1), critical: true },
    ];
    const written = made(keys.p256, { extensions }).extensions;
    expect(written).toEqual([
      { oid: "1.3.9901.2.1", value: new Uint8Array(5000), critical: false },
      { oid: "1.2.3", value: Uint8Array.of(1), critical: true },
    ]);
  });

  test("takes a serial number, else a random one below 2^128", () => {
    expect(made(keys.p256, { serial: 0n }).serialHex).toBe("0");
    expect(made(keys.p256, { serial: 2n ** 128n - 1n }).serialHex).toBe("f".repeat(32));
    const serials = Array.from({ length: 20 }, () => made(keys.p256).serialHex);
    expect(new Set(serials).size).toBe(20);
    expect(serials.every((serial) => serial.length <= 32)).toBe(true);
  });

  test("refuses keys that aTLS does not know, and public keys", () => {
    const wrong = [
      generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey,
      generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey,
      generateKeyPairSync("ed25519").privateKey,
      generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
      generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey,
      generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey,
    ];
    for (const key of wrong) expect(codeOf(() => createSelfSigned(template(key)))).toBe("pki/key-invalid");
  });
});
