import { describe, expect, test } from "bun:test";
import { derElement, derOctetString, derSequence } from "../../../src/pki/der-writer.ts";
import { type Certificate, parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { checkCrl } from "../../../src/pki/x509/check-crl.ts";
import { type Crl, parseCrl } from "../../../src/pki/x509/crl.ts";
import {
  buildCertificate,
  buildCrl,
  type CertificateParts,
  commonName,
  type CrlParts,
  extension,
  keyUsageExtension,
  newSigner,
  NOTHING,
} from "../../fakes/certificate-builder.ts";
import { codeOf } from "../../fakes/error-code.ts";

const signer = newSigner();
const AT = new Date("2025-06-01");
const keyId = (byte: number): Uint8Array => extension("2.5.29.14", derOctetString(Uint8Array.of(byte)));
const authorityKeyId = (byte: number): Uint8Array =>
  extension("2.5.29.35", derSequence(derElement(0x80, Uint8Array.of(byte))));

const crlOf = (parts: CrlParts = {}, by = signer): Crl => parseCrl(buildCrl(by, parts), "list");
const issuerOf = (parts: CertificateParts = {}): Certificate =>
  parseCertificate(buildCertificate(signer, { extensions: [keyUsageExtension("0106"), keyId(1)], ...parts }), "issuer");

const failures = (crl: Crl, issuer = issuerOf(), at = AT): readonly (readonly [string, string | undefined])[] =>
  checkCrl(crl, issuer, at)
    .filter(({ passed }) => !passed)
    .map(({ rule, code }) => [rule, code]);

describe("checkCrl()", () => {
  test("gives one finding for each rule, all of them passed for a good list", () => {
    const findings = checkCrl(crlOf({ extensions: [authorityKeyId(1)] }), issuerOf(), AT);
    const rules = ["issuer-name", "issuer-key", "signature", "key-usage", "this-update", "next-update"] as const;
    expect(findings.map(({ rule }) => rule)).toEqual([...rules]);
    expect(findings.every(({ passed }) => passed)).toBe(true);
  });

  test("accepts an issuer without key usage and key identifiers that are missing", () => {
    expect(failures(crlOf(), issuerOf({ extensions: [] }))).toEqual([]);
    expect(failures(crlOf({ extensions: [authorityKeyId(1)] }), issuerOf({ extensions: [] }))).toEqual([]);
    const namesIssuer = extension("2.5.29.35", derSequence(derElement(0xa1), derElement(0x82, Uint8Array.of(1))));
    expect(failures(crlOf({ extensions: [namesIssuer] }))).toEqual([]);
  });

  test("judges the dates apart, both included", () => {
    expect(failures(crlOf(), issuerOf(), new Date("2025-01-01"))).toEqual([]);
    expect(failures(crlOf(), issuerOf(), new Date("2026-01-01"))).toEqual([]);
    expect(failures(crlOf(), issuerOf(), new Date("2024-12-31T23:59:59.999Z"))).toEqual([
      ["this-update", "pki/crl-not-yet-valid"],
    ]);
    expect(failures(crlOf(), issuerOf(), new Date("2026-01-01T00:00:00.001Z"))).toEqual([
      ["next-update", "pki/crl-expired"],
    ]);
    expect(failures(crlOf({ nextUpdate: NOTHING }))).toEqual([["next-update", "pki/crl-expired"]]);
  });

  test.each<[string, Crl, Certificate, string, string]>([
    [
      "a list of another issuer",
      crlOf({ issuer: commonName("other") }),
      issuerOf(),
      "issuer-name",
      "pki/issuer-mismatch",
    ],
    [
      "a list by another key of that name",
      crlOf({ extensions: [authorityKeyId(2)] }),
      issuerOf(),
      "issuer-key",
      "pki/issuer-mismatch",
    ],
    ["a list that somebody else signed", crlOf({}, newSigner()), issuerOf(), "signature", "pki/signature-invalid"],
    [
      "an issuer that may not sign lists",
      crlOf(),
      issuerOf({ extensions: [keyUsageExtension("0204")] }),
      "key-usage",
      "pki/key-usage-forbidden",
    ],
  ])("refuses %s", (_, crl, issuer, rule, code) => {
    expect(failures(crl, issuer)).toEqual([[rule, code]]);
  });

  test("never meets a malformed key identifier: such a certificate cannot be read", () => {
    expect(codeOf(() => issuerOf({ extensions: [extension("2.5.29.14", NOTHING)] }))).toBe("pki/certificate-invalid");
    const twoBytes = Uint8Array.fromHex("0401010400");
    expect(codeOf(() => issuerOf({ extensions: [extension("2.5.29.14", twoBytes)] }))).toBe("pki/certificate-invalid");
  });
});
