import { describe, expect, test } from "bun:test";
import { derBoolean, derElement, derOctetString, derSequence, derText, derTime } from "../../../src/pki/der-writer.ts";
import { amdAuthority, amdName, type AmdRole, type LeafOptions } from "../../fakes/amd-authority.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import {
  caExtension,
  type CertificateParts,
  extension,
  keyUsageExtension,
  type TestSigner,
} from "../../fakes/certificate-builder.ts";
import { judgeSnp, type SnpCase, snpWith } from "../../fakes/snp-case.ts";
import { failedOf, rowOf } from "../../fakes/verdict-rows.ts";

const chip = amdChip();
const { authority } = chip;
const { vcek } = snpWith(chip);
const stranger = amdAuthority("Milan", "strange").ark;
const unknownCritical = extension("1.2.3.4", derBoolean(true), true);
const past = derSequence(derTime(new Date("2020-10-22")), derTime(new Date("2025-05-31")));
const future = derSequence(derTime(new Date("2025-06-02")), derTime(new Date("2045-10-22")));

/** What each certificate above a VCEK or VLEK may have wrong, and the rule that refuses it. */
const WRONG_AUTHORITIES: readonly (readonly [what: string, row: string, CertificateParts, TestSigner?])[] = [
  ["that is no authority", "ca failed pki/not-a-ca", { extensions: [keyUsageExtension("0106")] }],
  [
    "with an unknown critical extension",
    "critical-extensions failed pki/critical-extension-unknown",
    { extensions: [caExtension(), keyUsageExtension("0106"), unknownCritical] },
  ],
  ["of another issuer", "issuer-name failed pki/issuer-mismatch", { issuer: amdName("ARK-Genoa") }],
  [
    "that may not sign certificates",
    "key-usage failed pki/key-usage-forbidden",
    { extensions: [caExtension(), keyUsageExtension("0102")] },
  ],
  ["that a stranger signed", "signature failed pki/signature-invalid", {}, stranger],
  ["that has expired", "validity failed pki/certificate-expired", { validity: past }],
  ["of the future", "validity failed pki/certificate-not-yet-valid", { validity: future }],
];

const AUTHORITY_CASES = (["ark", "ask", "asvk"] as const).flatMap((role) =>
  WRONG_AUTHORITIES.map(
    ([what, rule, parts, signer]) =>
      [role.toUpperCase(), what, `authenticity chain.${role}.${rule}`, () => below(role, parts, signer)] as const,
  ),
);

/** What a VLEK may have wrong; the VCEK has its cases beside its form. */
const WRONG_VLEKS: readonly (readonly [what: string, row: string, Partial<LeafOptions>])[] = [
  [
    "with an unknown critical extension",
    "critical-extensions failed pki/critical-extension-unknown",
    { editExtensions: (usual) => [...usual, unknownCritical] },
  ],
  [
    "whose issuer is named in another encoding",
    "issuer-name failed pki/issuer-mismatch",
    { parts: { issuer: amdName("SEV-VLEK-Milan", derText) } },
  ],
  ["that the ASK signed", "signature failed pki/signature-invalid", { signer: authority.ask }],
  ["that has expired", "validity failed pki/certificate-expired", { parts: { validity: past } }],
];

/** Two keys that differ: of the ARK, and of whoever issued a list. */
const subjectKeyId = extension("2.5.29.14", derOctetString(Uint8Array.of(1, 2, 3)));
const authorityKeyId = extension("2.5.29.35", derSequence(derElement(0x80, Uint8Array.of(1, 2, 4))));

describe("verifySnp() about the certificates above a report", () => {
  test.each(AUTHORITY_CASES)("refuses an %s %s for exactly that", (_, _what, row, make) => {
    const verdict = judgeSnp(make());
    expect(failedOf(verdict)).toEqual([row]);
    expect(verdict.outcome).toBe("rejected");
  });

  test("refuses an ARK that allows no authority below it for exactly that", () => {
    const verdict = judgeSnp(below("ark", { extensions: [caExtension(0), keyUsageExtension("0106")] }));
    expect(failedOf(verdict)).toEqual(["authenticity chain.ark.path-length failed pki/path-too-long"]);
  });

  test.each(WRONG_VLEKS)("refuses a VLEK %s for exactly that", (_, row, options) => {
    const leaf = chip.certificate({ signingKey: "VLEK", ...options });
    const evidence = chip.evidence({ signingKey: "VLEK" }, { leaf });
    const verdict = judgeSnp({ evidence, options: { expectations: undefined } });
    expect(failedOf(verdict)).toEqual([`authenticity chain.vlek.${row}`]);
    expect(verdict.outcome).toBe("rejected");
  });

  test("does not know the path of a VCEK that is missing", () => {
    const verdict = judgeSnp({ evidence: chip.evidence({}, { leaf: false }) });
    expect(rowOf(verdict, "chain")).toMatchObject({ outcome: "unknown", code: "snp/not-checked" });
  });
});

describe("verifySnp() about who may sign a CRL", () => {
  test("refuses a CRL of another key for exactly that", () => {
    const { options } = below("ark", { extensions: [caExtension(), keyUsageExtension("0106"), subjectKeyId] });
    const crl = authority.crl({ parts: { extensions: [authorityKeyId] } });
    const verdict = judgeSnp({ crl, ...(options && { options }) });
    expect(failedOf(verdict)).toEqual(["authenticity crl.issuer-key failed pki/issuer-mismatch"]);
  });

  test("refuses an ARK that may not sign CRLs for exactly that", () => {
    const verdict = judgeSnp(below("ark", { extensions: [caExtension(), keyUsageExtension("0204")] }));
    expect(failedOf(verdict)).toEqual(["authenticity crl.key-usage failed pki/key-usage-forbidden"]);
  });
});

/** Ordinary evidence below a certificate that differs from the usual one. */
function below(role: AmdRole, parts: CertificateParts, signer?: TestSigner): SnpCase {
  const roots = authority.rootsWith(role, parts, signer);
  if (role !== "asvk") return { ...vcek({}), options: { roots } };
  return { evidence: chip.evidence({ signingKey: "VLEK" }), options: { roots, expectations: undefined } };
}
