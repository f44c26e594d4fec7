import { describe, expect, test } from "bun:test";
import { snpEvidenceFromReport } from "../../../src/attestation/snp/snp-evidence.ts";
import { type Certificate, parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { amdAuthority } from "../../fakes/amd-authority.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import { codeOf } from "../../fakes/error-code.ts";

const chip = amdChip();
const { authority } = chip;
const certificate = (der: Uint8Array): Certificate => parseCertificate(der, "test");
const all = [chip.vlekDer, authority.arkDer, authority.asvkDer, authority.askDer, chip.vcekDer].map(certificate);

describe("snpEvidenceFromReport()", () => {
  test("sorts certificates by their role", () => {
    expect(snpEvidenceFromReport(chip.report(), all).endorsements).toEqual({
      vcek: chip.vcekDer,
      vlek: chip.vlekDer,
      ask: authority.askDer,
      ark: authority.arkDer,
      crl: undefined,
    });
    expect(snpEvidenceFromReport(chip.report({ signingKey: "VLEK" }), all).endorsements.ask).toEqual(authority.asvkDer);
  });

  test("takes the VCEK of the report among several", () => {
    const others = [
      chip.certificate({ hwId: new Uint8Array(64).fill(1) }),
      chip.certificate({ tcb: { ...chip.tcb, snp: 1 } }),
      chip.certificate({ hwId: undefined }),
      chip.certificate({ productName: "Rome" }),
    ].map(certificate);
    const evidence = snpEvidenceFromReport(chip.report(), [...others, certificate(chip.vcekDer)]);
    expect(evidence.endorsements.vcek).toEqual(chip.vcekDer);
    expect(snpEvidenceFromReport(chip.report(), others).endorsements.vcek).toEqual(others[0]!.der);
  });

  test("takes the CRL of the report's product among several", () => {
    const genoa = amdAuthority("Genoa").crl();
    const milan = authority.crl();
    const broken = Uint8Array.of(1);
    expect(snpEvidenceFromReport(chip.report(), [], [broken, genoa, milan]).endorsements.crl).toBe(milan);
    expect(snpEvidenceFromReport(chip.report(), [], [genoa]).endorsements.crl).toBe(genoa);
    const older = chip.report({ version: 2 });
    expect(snpEvidenceFromReport(older, [certificate(chip.vcekDer)], [genoa, milan]).endorsements.crl).toBe(milan);
  });

  test("knows the product only where the report says it", () => {
    expect(snpEvidenceFromReport(amdChip({ product: "Genoa" }).report()).product).toBe("Genoa");
    expect(snpEvidenceFromReport(chip.report({ version: 2 })).product).toBeUndefined();
  });

  test("refuses what is no report", () => {
    expect(codeOf(() => snpEvidenceFromReport(new Uint8Array(1183)))).toBe("snp/report-length-wrong");
  });
});
