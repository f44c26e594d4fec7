import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import {
  derBoolean,
  derElement,
  derExplicit,
  derInteger,
  derNull,
  derOid,
  derSequence,
  derTime,
  derUtf8,
} from "../../../src/pki/der-writer.ts";
import {
  basicConstraintsOf,
  type Certificate,
  keyUsageOf,
  parseCertificate,
  publicKeyOf,
} from "../../../src/pki/x509/certificate.ts";
import { extensionOf } from "../../../src/pki/x509/extensions.ts";
import { renderName } from "../../../src/pki/x509/name.ts";
import { renderSignatureAlgorithm } from "../../../src/pki/x509/signature-algorithm.ts";
import { verifySigned } from "../../../src/pki/x509/verify-signed.ts";
import {
  buildCertificate,
  caExtension,
  type CertificateParts,
  commonName,
  ECDSA_SHA256,
  extension,
  keyUsageExtension,
  newSigner,
  NOTHING,
  pssAlgorithm,
} from "../../fakes/certificate-builder.ts";
import { codeOf } from "../../fakes/error-code.ts";

const signer = newSigner();
const read = (parts: CertificateParts): Certificate => parseCertificate(buildCertificate(signer, parts), "certificate");

describe("parseCertificate()", () => {
  test("reads every field", () => {
    const der = buildCertificate(signer, {
      serial: derInteger(0x00ab12n),
      issuer: commonName("issuer"),
      subject: commonName("subject"),
      extensions: [caExtension(3), keyUsageExtension("0106"), extension("1.2.3", Uint8Array.of(1, 2))],
    });
    const certificate = parseCertificate(der, "certificate");
    expect(certificate.der).toEqual(der);
    expect(certificate.version).toBe(3);
    expect(certificate.serialHex).toBe("ab12");
    expect(renderName(certificate.issuer)).toBe("CN=issuer");
    expect(renderName(certificate.subject)).toBe("CN=subject");
    expect(certificate.notBefore).toEqual(new Date("2025-01-01"));
    expect(certificate.notAfter).toEqual(new Date("2026-01-01"));
    expect(certificate.signatureAlgorithm).toEqual({ kind: "ecdsa", hash: "sha256" });
    expect(basicConstraintsOf(certificate)).toEqual({ ca: true, pathLength: 3 });
    expect([...(keyUsageOf(certificate) ?? [])]).toEqual(["keyCertSign", "cRLSign"]);
    expect(extensionOf(certificate, "1.2.3")).toEqual({ oid: "1.2.3", critical: false, value: Uint8Array.of(1, 2) });
    expect(extensionOf(certificate, "1.2.4")).toBeUndefined();
    verifySigned(certificate, publicKeyOf(certificate), "signature");
    expect(new X509Certificate(der).publicKey.equals(publicKeyOf(certificate))).toBe(true);
  });

  test("reads a certificate of version 1, which has no extensions", () => {
    const certificate = read({ version: NOTHING });
    expect(certificate.version).toBe(1);
    expect(certificate.extensions).toEqual([]);
    expect(basicConstraintsOf(certificate)).toBeUndefined();
    expect(keyUsageOf(certificate)).toBeUndefined();
  });

  test("reads unique identifiers of version 2", () => {
    expect(
      read({ version: derExplicit(0, derInteger(1n)), uniqueIds: derElement(0x81, Uint8Array.of(0, 1)) }).version,
    ).toBe(2);
  });

  test("accepts what other writers do: an empty list of extensions, and the default of critical written out", () => {
    expect(read({ tail: derExplicit(3, derSequence()) }).extensions).toEqual([]);
    const written = derSequence(derOid("1.2.3"), derBoolean(false), derElement(4));
    expect(read({ extensions: [written] }).extensions).toEqual([{ oid: "1.2.3", critical: false, value: NOTHING }]);
  });

  test("keeps its own copy of the bytes", () => {
    const der = buildCertificate(signer);
    const certificate = parseCertificate(der, "certificate");
    der.fill(0);
    verifySigned(certificate, publicKeyOf(certificate), "signature");
  });

  test.each([
    [0n, "0"],
    [0x0fn, "f"],
    [0x80n, "80"],
    [2n ** 160n - 1n, "f".repeat(40)],
  ])("gives serial %d without leading zeros", (serial, hex) => {
    expect(read({ serial: derInteger(serial) }).serialHex).toBe(hex);
  });

  test("names an algorithm that it does not know", () => {
    const algorithm = derSequence(derOid("1.2.840.113549.1.1.5"), derNull());
    expect(read({ algorithm }).signatureAlgorithm).toEqual({ kind: "unknown", oid: "1.2.840.113549.1.1.5" });
  });

  const twice = extension("1.2.3", Uint8Array.of(1));
  test.each<[string, CertificateParts]>([
    ["version 1 that is written", { version: derExplicit(0, derInteger(0n)) }],
    ["version 4", { version: derExplicit(0, derInteger(3n)) }],
    ["bytes after the version", { version: derExplicit(0, derInteger(2n), derNull()) }],
    ["extensions before version 3", { version: derExplicit(0, derInteger(1n)), extensions: [twice] }],
    ["unique identifiers before version 2", { version: NOTHING, uniqueIds: derElement(0x82, Uint8Array.of(0)) }],
    ["a negative serial number", { serial: derInteger(-1n) }],
    ["a serial number of 21 bytes", { serial: derInteger(2n ** 160n) }],
    ["another algorithm outside than inside", { outerAlgorithm: derSequence(derOid("1.2.840.10045.4.3.3")) }],
    ["ECDSA with parameters", { algorithm: derSequence(derOid("1.2.840.10045.4.3.2"), derNull()) }],
    ["PKCS #1 with other parameters", { algorithm: derSequence(derOid("1.2.840.113549.1.1.11"), derInteger(1n)) }],
    ["Ed25519 with parameters", { algorithm: derSequence(derOid("1.3.101.112"), derNull()) }],
    ["bytes after the algorithm's parameters", { algorithm: derSequence(derOid("1.3.101.113"), derNull(), derNull()) }],
    ["only one date", { validity: derSequence(derTime(new Date())) }],
    ["three dates", { validity: derSequence(derTime(new Date()), derTime(new Date()), derTime(new Date())) }],
    ["a name with an empty part", { subject: derSequence(derElement(0x31)) }],
    [
      "a name with bytes after a value",
      { subject: derSequence(derElement(0x31, derSequence(derOid("2.5.4.3"), derUtf8("a"), derNull()))) },
    ],
    [
      "a name of 65 attributes",
      {
        subject: derSequence(
          ...Array.from({ length: 65 }, () => derElement(0x31, derSequence(derOid("2.5.4.3"), derUtf8("a")))),
        ),
      },
    ],
    ["a key without bits", { spki: derSequence(derSequence(derOid("1.2.3"))) }],
    [
      "a key whose algorithm has too many parameters",
      { spki: derSequence(derSequence(derOid("1.2.3"), derNull(), derNull()), derElement(3, Uint8Array.of(0))) },
    ],
    [
      "a key with bytes after it",
      { spki: derSequence(derSequence(derOid("1.2.3")), derElement(3, Uint8Array.of(0)), derNull()) },
    ],
    ["an extension that occurs twice", { extensions: [twice, twice] }],
    ["an extension without value", { extensions: [derSequence(derOid("1.2.3"))] }],
    [
      "an extension with bytes after its value",
      { extensions: [derSequence(derOid("1.2.3"), derElement(4), derNull())] },
    ],
    ["65 extensions", { extensions: Array.from({ length: 65 }, (_, index) => extension(`1.2.${index}`, NOTHING)) }],
    ["fields after the extensions", { extensions: [twice], tail: derNull() }],
    ["bytes after the list of extensions", { tail: derExplicit(3, derSequence(twice), derNull()) }],
    ["malformed basic constraints", { extensions: [extension("2.5.29.19", derNull())] }],
    [
      "basic constraints with bytes after them",
      { extensions: [extension("2.5.29.19", Uint8Array.fromHex("30000500"))] },
    ],
    [
      "basic constraints with too much in them",
      { extensions: [extension("2.5.29.19", derSequence(derBoolean(true), derInteger(1n), derNull()))] },
    ],
    ["a path length without CA flag", { extensions: [extension("2.5.29.19", derSequence(derInteger(1n)))] }],
    [
      "a negative path length",
      { extensions: [extension("2.5.29.19", derSequence(derBoolean(true), derInteger(-1n)))] },
    ],
    ["key usage without a bit", { extensions: [keyUsageExtension("00")] }],
    ["key usage with a bit that has no name", { extensions: [keyUsageExtension("06000040")] }],
    ["key usage with bytes after it", { extensions: [extension("2.5.29.15", Uint8Array.fromHex("030201060500"))] }],
  ])("refuses %s", (_, parts) => {
    expect(codeOf(() => read(parts))).toBe("pki/certificate-invalid");
  });

  test("refuses bytes after the certificate, and a signature that is not of whole bytes", () => {
    const der = buildCertificate(signer);
    expect(codeOf(() => parseCertificate(Uint8Array.of(...der, 0), "certificate"))).toBe("pki/certificate-invalid");
    const [tbs, signature] = [derSequence(), derElement(3, Uint8Array.of(0))];
    const inside = parseCertificate(der, "certificate").tbsDer;
    const longer = derSequence(inside, ECDSA_SHA256, signature, derNull());
    expect(codeOf(() => parseCertificate(longer, "certificate"))).toBe("pki/certificate-invalid");
    expect(parseCertificate(derSequence(inside, ECDSA_SHA256, signature), "certificate").signature.length).toBe(0);
    const parts = [tbs, ECDSA_SHA256, derElement(3, Uint8Array.of(1, 0x80))];
    expect(codeOf(() => parseCertificate(derSequence(...parts), "certificate"))).toBe("pki/certificate-invalid");
  });

  test("refuses more than 64 KiB", () => {
    const sized = (bytes: number): string =>
      codeOf(() => read({ extensions: [extension("1.2.3", new Uint8Array(bytes))] }));
    expect(sized(60 * 1024)).toStartWith("no error");
    expect(sized(64 * 1024)).toBe("pki/certificate-invalid");
  });
});

describe("publicKeyOf()", () => {
  test("gives the same object each time", () => {
    const certificate = read({});
    expect(publicKeyOf(certificate)).toBe(publicKeyOf(certificate));
  });

  test("refuses a key that the platform does not know", () => {
    const spki = derSequence(derSequence(derOid("1.2.3")), derElement(3, Uint8Array.of(0)));
    expect(codeOf(() => publicKeyOf(read({ spki })))).toBe("pki/certificate-invalid");
  });
});

describe("parseSignatureAlgorithm()", () => {
  const sha1 = "1.3.14.3.2.26";
  const sha256 = "2.16.840.1.101.3.4.2.1";
  const algorithmOf = (algorithm: Uint8Array): string =>
    renderSignatureAlgorithm(read({ algorithm }).signatureAlgorithm);
  const pss = (...parameters: readonly Uint8Array[]): Uint8Array =>
    derSequence(derOid("1.2.840.113549.1.1.10"), derSequence(...parameters));
  const hash = derExplicit(0, derSequence(derOid(sha256)));
  const mask = derExplicit(1, derSequence(derOid("1.2.840.113549.1.1.8"), derSequence(derOid(sha256))));

  test("reads the parameters of RSASSA-PSS", () => {
    expect(read({ algorithm: pssAlgorithm() }).signatureAlgorithm).toEqual({
      kind: "rsa-pss",
      hash: "sha384",
      mgfHash: "sha384",
      saltLength: 48,
    });
    expect(algorithmOf(pss(hash, mask))).toBe("RSASSA-PSS with SHA-256, MGF1 with SHA-256, salt of 20 bytes");
    expect(algorithmOf(pss(hash, mask, derExplicit(3, derInteger(1n))))).toStartWith("RSASSA-PSS with SHA-256");
  });

  test("knows PKCS #1 with and without NULL", () => {
    const oid = derOid("1.2.840.113549.1.1.12");
    expect(algorithmOf(derSequence(oid, derNull()))).toBe("RSASSA-PKCS1-v1_5 with SHA-384");
    expect(algorithmOf(derSequence(oid))).toBe("RSASSA-PKCS1-v1_5 with SHA-384");
    expect(algorithmOf(ECDSA_SHA256)).toBe("ECDSA with SHA-256");
    expect(algorithmOf(derSequence(derOid("1.3.101.112")))).toBe("Ed25519");
  });

  test("does not know RSASSA-PSS with SHA-1 in any place, or with another mask function", () => {
    const otherMask = derExplicit(1, derSequence(derOid("1.2.3"), derNull()));
    const unknown = [
      pss(),
      pss(hash),
      pss(mask),
      pss(hash, otherMask),
      pssAlgorithm(sha1),
      pssAlgorithm(sha256, 32, sha1),
    ];
    unknown.push(derSequence(derOid("1.2.840.113549.1.1.10")));
    for (const algorithm of unknown) expect(algorithmOf(algorithm)).toBe("algorithm 1.2.840.113549.1.1.10");
  });

  test.each([
    ["a trailer field that is not 1", pss(hash, mask, derExplicit(3, derInteger(2n)))],
    ["a negative salt length", pss(hash, mask, derExplicit(2, derInteger(-1n)))],
    ["a salt beyond 512 bytes", pss(hash, mask, derExplicit(2, derInteger(513n)))],
    ["parameters in another order", pss(mask, hash)],
    ["bytes after a parameter", pss(derExplicit(0, derSequence(derOid(sha256)), derNull()))],
    ["a hash with parameters", pss(derExplicit(0, derSequence(derOid(sha256), derInteger(1n))))],
    ["bytes after the salt length", pss(hash, mask, derExplicit(2, derInteger(1n), derNull()))],
    ["bytes after the parameters", derSequence(derOid("1.2.840.113549.1.1.10"), derSequence(hash, mask), derNull())],
    ["bytes after the mask function", pss(hash, derExplicit(1, derSequence(derOid("1.2.3")), derNull()))],
    [
      "a mask function with too many parameters",
      pss(derExplicit(1, derSequence(derOid("1.2.3"), derNull(), derNull()))),
    ],
    ["a hash with too many parameters", pss(derExplicit(0, derSequence(derOid(sha256), derNull(), derNull())))],
    ["bytes after the trailer", pss(hash, mask, derExplicit(3, derInteger(1n), derNull()))],
  ])("refuses %s", (_, algorithm) => {
    expect(codeOf(() => algorithmOf(algorithm))).toBe("pki/certificate-invalid");
  });
});
