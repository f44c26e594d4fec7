import { describe, expect, test } from "bun:test";
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { checkPeerCertificate } from "../../../src/attestation/atls/peer-certificate.ts";
import { type CertificateParts, derCertificate } from "../../fakes/atls/der-certificate.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { bitFlips } from "../../fakes/mutations.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const MINUTE_MS = 60_000;
const SNP = { oid: "1.3.9901.2.1", value: Uint8Array.of(1, 2, 3) };
const TDX = { oid: "1.3.9901.2.2", value: Uint8Array.of(4, 5) };

function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

const KEY = newKey();

function certificate(parts: Partial<CertificateParts> = {}): Uint8Array {
  return derCertificate({
    key: KEY,
    notBefore: new Date(NOW.getTime() - 120 * MINUTE_MS),
    notAfter: new Date(NOW.getTime() + 120 * MINUTE_MS),
    extensions: [SNP],
    ...parts,
  });
}

function code(parts: Partial<CertificateParts>): string {
  return codeOf(() => checkPeerCertificate(certificate(parts), NOW));
}

describe("checkPeerCertificate()", () => {
  test("gives the evidence and the key of a good certificate", () => {
    const { presented, certificate: parsed } = checkPeerCertificate(certificate(), NOW);
    expect(presented).toEqual([SNP]);
    expect(parsed.spkiDer.toHex()).toBe(createPublicKey(KEY).export({ type: "spki", format: "der" }).toString("hex"));
  });

  test("gives evidence of both kinds in the order of the certificate, and nothing else", () => {
    const other = { oid: "2.5.29.14", value: Uint8Array.of(4, 1, 1) };
    const { presented } = checkPeerCertificate(certificate({ extensions: [TDX, other, SNP] }), NOW);
    expect(presented).toEqual([TDX, SNP]);
  });

  test("refuses a peer without certificate", () => {
    expect(codeOf(() => checkPeerCertificate(new Uint8Array(), NOW))).toBe("atls/certificate-invalid");
  });

  test("refuses a certificate with bytes after it", () => {
    const longer = Buffer.concat([certificate(), Buffer.of(0)]);
    expect(codeOf(() => checkPeerCertificate(longer, NOW))).toBe("atls/certificate-invalid");
  });

  test.each([
    ["two hours and a minute late", -121, "atls/certificate-expired"],
    ["a minute before its end", -119, "no error, returned object"],
    ["a minute after its start", 119, "no error, returned object"],
    ["two hours and a minute early", 121, "atls/certificate-expired"],
  ])("judges a certificate %s by the local clock", (_, minutes, expected) => {
    const at = new Date(NOW.getTime() - minutes * MINUTE_MS);
    expect(codeOf(() => checkPeerCertificate(certificate(), at))).toBe(expected);
  });

  test("refuses a certificate that another key signed", () => {
    expect(code({ signingKey: newKey() })).toBe("atls/certificate-invalid");
  });

  test("refuses an unknown critical extension", () => {
    const unknown = { oid: "1.2.3.4", value: Uint8Array.of(5, 0) };
    expect(code({ extensions: [SNP, { ...unknown, critical: true }] })).toBe("atls/certificate-invalid");
    expect(code({ extensions: [SNP, unknown] })).toBe("no error, returned object");
  });

  test("refuses critical evidence, which no Coordinator sends", () => {
    expect(code({ extensions: [{ ...SNP, critical: true }] })).toBe("atls/certificate-invalid");
  });

  test("accepts a critical key usage", () => {
    const keyUsage = { oid: "2.5.29.15", value: Buffer.from("03020780", "hex"), critical: true };
    expect(code({ extensions: [keyUsage, SNP] })).toBe("no error, returned object");
  });

  test("refuses a key that is written in another form than its own", () => {
    // The platform reads a compressed point, and would hash into the report data what the peer did not write.
    const { x } = KEY.export({ format: "jwk" });
    const compressed = Buffer.from(x ?? "", "base64url");
    const even = Buffer.from(KEY.export({ format: "jwk" }).y ?? "", "base64url").at(-1)! % 2 === 0;
    const prefix = Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex");
    const spkiDer = Buffer.concat([prefix, Buffer.of(even ? 2 : 3), compressed]);
    expect(code({ spkiDer })).toBe("atls/certificate-invalid");
  });

  test.each([
    ["none", []],
    ["an identifier that only begins like that of evidence", [{ ...SNP, oid: "1.3.9901.2.1.1" }]],
    ["an identifier that evidence begins with", [{ ...SNP, oid: "1.3.9901.2" }]],
    ["the mock of development versions", [{ ...SNP, oid: "1.3.9901.2.3" }]],
  ])("refuses a certificate without evidence: %s", (_, extensions) => {
    expect(code({ extensions })).toBe("atls/no-evidence");
  });

  test("refuses two pieces of evidence of one kind", () => {
    expect(code({ extensions: [SNP, { ...SNP, value: Uint8Array.of(9) }] })).toBe("atls/certificate-invalid");
  });

  test("refuses every truncated certificate and every flipped bit", () => {
    const der = certificate();
    for (let length = 0; length < der.length; length++) {
      expect(codeOf(() => checkPeerCertificate(der.subarray(0, length), NOW))).toBe("atls/certificate-invalid");
    }
    for (const { flipped } of bitFlips(der)) {
      expect(codeOf(() => checkPeerCertificate(flipped, NOW))).toStartWith("atls/");
    }
  });
});
