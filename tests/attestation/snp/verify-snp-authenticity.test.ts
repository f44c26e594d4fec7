import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "bun:test";
import { REPORT_OFFSETS } from "../../../src/attestation/snp/report-layout.ts";
import { snpEvidenceFromReport } from "../../../src/attestation/snp/snp-evidence.ts";
import {
  derBoolean,
  derExplicit,
  derInteger,
  derNull,
  derOid,
  derSequence,
  derSet,
  derText,
  derTime,
  derUtf8,
} from "../../../src/pki/der-writer.ts";
import { parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { amdAuthority, amdExtension, amdName } from "../../fakes/amd-authority.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import {
  buildCertificate,
  caExtension,
  extension,
  keyUsageExtension,
  pssAlgorithm,
  spkiOf,
  type TestSigner,
} from "../../fakes/certificate-builder.ts";
import { judgeSnp, type SnpCase, snpWith } from "../../fakes/snp-case.ts";
import { failedOf } from "../../fakes/verdict-rows.ts";

const chip = amdChip();
const { authority, tcb } = chip;
const { report, vcek } = snpWith(chip);

/** The same RSA key with signatures of RSASSA-PKCS1-v1_5. */
function pkcs1(signer: TestSigner): TestSigner {
  return {
    ...signer,
    algorithm: derSequence(derOid("1.2.840.113549.1.1.12"), derNull()),
    sign: (data) => new Uint8Array(sign("sha384", data, signer.privateKey)),
  };
}

/** The same RSA key with another salt length. */
function shortSalt(signer: TestSigner): TestSigner {
  return {
    ...signer,
    algorithm: pssAlgorithm(undefined, 32),
    sign: (data) => new Uint8Array(sign("sha384", data, { key: signer.privateKey, padding: 6, saltLength: 32 })),
  };
}

const without = (suffix: string) => (extensions: readonly Uint8Array[]) => {
  const oid = derOid(`1.3.6.1.4.1.3704.1.${suffix}`).toHex();
  return extensions.filter((der) => !der.toHex().slice(4).startsWith(oid));
};
const instead = (suffix: string, der: Uint8Array) => (extensions: readonly Uint8Array[]) => [
  ...without(suffix)(extensions),
  der,
];

const strangeArk = amdAuthority("Milan", "strange");
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
const turin = amdChip({ product: "Turin" });

/** Evidence that exactly one check of authenticity refuses: what is wrong, the row, the case. */
const REFUSED: readonly (readonly [name: string, row: string, make: () => SnpCase])[] = [
  // endorsement certificate
  [
    "a version 1 certificate",
    "authenticity certificate.encoding failed snp/certificate-unreadable",
    () => vcek({ parts: { version: new Uint8Array() } }),
  ],
  [
    "a version 2 certificate without extensions",
    "authenticity certificate.extensions failed snp/certificate-extensions-invalid",
    () => vcek({ parts: { version: derExplicit(0, derInteger(1n)), extensions: [] } }),
  ],
  [
    "an issuer of another organisation",
    "authenticity certificate.issuer failed snp/certificate-form-wrong",
    () => otherOrganisation(),
  ],
  [
    "PKCS #1 v1.5",
    "authenticity certificate.signature-algorithm failed snp/certificate-form-wrong",
    () => vcek({ signer: pkcs1(authority.ask) }),
  ],
  [
    "another salt length",
    "authenticity certificate.signature-algorithm failed snp/certificate-form-wrong",
    () => vcek({ signer: shortSalt(authority.ask) }),
  ],
  ["a P-256 key", "authenticity certificate.key failed snp/certificate-form-wrong", () => vcek({ publicKey: p256 })],
  [
    "an RSA key",
    "authenticity certificate.key failed snp/certificate-form-wrong",
    () => vcek({ publicKey: authority.ask.publicKey }),
  ],
  [
    "another subject",
    "authenticity certificate.subject failed snp/certificate-form-wrong",
    () => vcek({ parts: { subject: amdName("SEV-VCEL") } }),
  ],
  [
    "the subject of a VLEK",
    "authenticity certificate.subject failed snp/certificate-form-wrong",
    () => vcek({ parts: { subject: amdName("SEV-VLEK") } }),
  ],
  [
    "a subject with one attribute more",
    "authenticity certificate.subject failed snp/certificate-form-wrong",
    () => vcek({ parts: { subject: withAttribute(amdName("SEV-VCEK"), "2.5.4.5") } }),
  ],
  [
    "a subject with an attribute twice",
    "authenticity certificate.subject failed snp/certificate-form-wrong",
    () => vcek({ parts: { subject: withAttribute(amdName("SEV-VCEK"), "2.5.4.11") } }),
  ],
  [
    "a missing extension",
    "authenticity certificate.extensions failed snp/certificate-extensions-invalid",
    () => vcek({ editExtensions: without("3.5") }),
  ],
  [
    "a missing hwID",
    "authenticity certificate.extensions failed snp/certificate-extensions-invalid",
    () => vcek({ hwId: undefined }),
  ],
  [
    "a security version of 256",
    "authenticity certificate.extensions failed snp/certificate-extensions-invalid",
    () => vcek({ editExtensions: instead("3.6", amdExtension("3.6", derInteger(256n))) }),
  ],
  [
    "a cspID",
    "authenticity certificate.extensions failed snp/certificate-extensions-invalid",
    () => vcek({ cspId: "CN=cc" }),
  ],
  [
    "a duplicate extension",
    "authenticity certificate.encoding failed snp/certificate-unreadable",
    () => vcek({ editExtensions: (all) => [...all, amdExtension("3.5", derInteger(0n))] }),
  ],
  [
    "the structVersion of Turin",
    "authenticity certificate.struct-version failed snp/certificate-form-wrong",
    () => vcek({ structVersion: 1 }),
  ],
  [
    "the productName of another line",
    "authenticity certificate.product failed snp/certificate-product-wrong",
    () => vcek({ productName: "Genoa-B1" }),
  ],
  [
    "a certificate for another TCB",
    "authenticity certificate.tcb failed snp/certificate-tcb-wrong",
    () => vcek({ tcb: { ...tcb, microcode: tcb.microcode - 1 } }),
  ],
  [
    "a certificate with a reserved security version",
    "authenticity certificate.tcb failed snp/certificate-tcb-wrong",
    () => vcek({ editExtensions: instead("3.5", amdExtension("3.5", derInteger(1n))) }),
  ],
  [
    "a certificate of another chip",
    "authenticity certificate.chip-id failed snp/certificate-chip-wrong",
    () => vcek({ hwId: new Uint8Array(64).fill(7) }),
  ],
  [
    "a chip id of Turin with more than 8 bytes",
    "authenticity certificate.chip-id failed snp/certificate-chip-wrong",
    () => snpWith(turin).report({ chipId: Uint8Array.of(...turin.chipId.subarray(0, 63), 1) }),
  ],
  [
    "another FMC on Turin",
    "authenticity certificate.tcb failed snp/certificate-tcb-wrong",
    () => snpWith(turin).vcek({ tcb: { ...turin.tcb, fmc: 0 } }),
  ],
  // path
  [
    "an issuer name in another encoding",
    "authenticity chain.vcek.issuer-name failed pki/issuer-mismatch",
    () => vcek({ parts: { issuer: amdName("SEV-Milan", derText) } }),
  ],
  [
    "an unknown critical extension",
    "authenticity chain.vcek.critical-extensions failed pki/critical-extension-unknown",
    () => vcek({ editExtensions: (all) => [...all, extension("1.2.3.4", derBoolean(true), true)] }),
  ],
  [
    "an expired VCEK",
    "authenticity chain.vcek.validity failed pki/certificate-expired",
    () => vcek({ notAfter: new Date("2025-05-31") }),
  ],
  [
    "a VCEK that is not valid yet",
    "authenticity chain.vcek.validity failed pki/certificate-not-yet-valid",
    () => vcek({ notBefore: new Date("2025-06-02") }),
  ],
  [
    "a VCEK that another ASK signed",
    "authenticity chain.vcek.signature failed pki/signature-invalid",
    () => vcek({ signer: strangeArk.ask }),
  ],
  [
    "an ARK that is another self-signed one",
    "authenticity chain.vcek.signature failed pki/signature-invalid",
    () => ({ evidence: amdChip({ authority: strangeArk }).evidence({}, { chain: true, crl: strangeArk.crl() }) }),
  ],
  // revocation
  [
    "a revoked ASK",
    "authenticity revocation failed snp/issuer-revoked",
    () => ({ crl: authority.crl({ revoked: ["ask"] }) }),
  ],
  [
    "a revoked ASK in an old list",
    "authenticity revocation failed snp/issuer-revoked",
    () => ({ crl: authority.crl({ revoked: ["ask"], nextUpdate: new Date("2025-02-01") }) }),
  ],
  [
    "a CRL signed by the ASK",
    "authenticity crl.signature failed pki/signature-invalid",
    () => ({ crl: authority.crl({ signer: authority.ask }) }),
  ],
  [
    "a CRL of another issuer",
    "authenticity crl.issuer-name failed pki/issuer-mismatch",
    () => ({ crl: authority.crl({ parts: { issuer: amdName("ARK-Genoa") } }) }),
  ],
  [
    "a CRL signed with PKCS #1 v1.5",
    "authenticity crl.signature-algorithm failed snp/crl-form-wrong",
    () => ({ crl: authority.crl({ signer: pkcs1(authority.ark) }) }),
  ],
  // report
  [
    "signature algorithm 2",
    "authenticity report.signature-algorithm failed snp/signature-algorithm-unknown",
    () => report({ signatureAlgorithm: 2 }),
  ],
  [
    "R that is longer than 48 bytes",
    "authenticity report.signature-form failed snp/signature-invalid",
    () => withReportByte(REPORT_OFFSETS.signature + 48),
  ],
  [
    "S that is longer than 48 bytes",
    "authenticity report.signature-form failed snp/signature-invalid",
    () => withReportByte(REPORT_OFFSETS.signature + 143),
  ],
  [
    "another R",
    "authenticity report.signature failed snp/signature-invalid",
    () => withReportByte(REPORT_OFFSETS.signature),
  ],
  [
    "another S",
    "authenticity report.signature failed snp/signature-invalid",
    () => withReportByte(REPORT_OFFSETS.signature + 72),
  ],
  [
    "report data that was changed",
    "authenticity report.signature failed snp/signature-invalid",
    () => withReportByte(REPORT_OFFSETS.reportData),
  ],
  [
    "a report that a masked key did not sign",
    "authenticity report.signature failed snp/signature-invalid",
    () => maskedKey(),
  ],
  [
    "a processor of no product line",
    "authenticity product failed snp/product-unknown",
    () => report({ cpuid: [0x19, 0x20, 0] }),
  ],
  ["no signing key", "authenticity signing-key failed snp/signing-key-none", () => report({ signerInfo: 28 })],
  ["a VLEK", "authenticity signing-key failed snp/vlek-unsupported", () => report({ signingKey: "VLEK" })],
];

describe("verifySnp()", () => {
  test.each(REFUSED)("refuses %s for exactly that", (_, row, make) => {
    const verdict = judgeSnp(make());
    expect(failedOf(verdict)).toEqual([row]);
    expect(verdict.outcome).toBe("rejected");
  });
});

/** Ordinary evidence with one bit of a report byte changed after it was signed. */
function withReportByte(offset: number): SnpCase {
  const bytes = chip.report();
  bytes[offset] = bytes[offset]! ^ 1;
  const evidence = chip.evidence();
  return { evidence: { ...snpEvidenceFromReport(bytes), endorsements: evidence.endorsements } };
}

function maskedKey(): SnpCase {
  const bytes = chip.report({ signerInfo: 2 });
  bytes.fill(0, REPORT_OFFSETS.signature);
  return { evidence: { ...snpEvidenceFromReport(bytes), endorsements: chip.evidence().endorsements } };
}

/** A name with one attribute more. */
function withAttribute(name: Uint8Array, oid: string): Uint8Array {
  const content = name.subarray(name[1]! < 0x80 ? 2 : 3);
  return derSequence(content, derSet(derSequence(derOid(oid), derUtf8("Engineering"))));
}

/** A VCEK and an ASK that name another organisation than AMD. */
function otherOrganisation(): SnpCase {
  const name = derSequence(derSet(derSequence(derOid("2.5.4.3"), derUtf8("SEV-Milan"))));
  const ask = buildCertificate(authority.ark, {
    serial: derInteger(0x010001n),
    issuer: amdName("ARK-Milan"),
    subject: name,
    validity: derSequence(derTime(new Date("2020-01-01")), derTime(new Date("2045-01-01"))),
    spki: spkiOf(authority.ask.publicKey),
    extensions: [caExtension(0), keyUsageExtension("0204")],
  });
  const own = { ...authority.roots.Milan, ask: parseCertificate(ask, "ASK") };
  return { ...vcek({ parts: { issuer: name } }), options: { roots: { ...authority.roots, Milan: own } } };
}
