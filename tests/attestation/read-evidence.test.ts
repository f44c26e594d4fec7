import { describe, expect, test } from "bun:test";
import { assert, asyncProperty, constantFrom, uint8Array } from "fast-check";
import { readEvidence } from "../../src/attestation/read-evidence.ts";
import { EVIDENCE_OIDS } from "../../src/attestation/validator.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { encodePem } from "../../src/pki/pem-block.ts";
import { amdChip } from "../fakes/amd-chip.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { evidenceCertificate } from "../fakes/evidence-certificate.ts";
import { createIntelPlatform } from "../fakes/intel-platform.ts";

const chip = amdChip();
const platform = createIntelPlatform();
const REPORT_DATA = new Uint8Array(64).fill(7);
const report = chip.report({ reportData: REPORT_DATA });
const quote = platform.quote({ reportData: REPORT_DATA });
const snpMessage = chip.attestation({ reportData: REPORT_DATA });
const tdxMessage = platform.attestation(REPORT_DATA);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const pem = (...ders: readonly Uint8Array[]): Uint8Array =>
  bytes(ders.map((der) => encodePem("CERTIFICATE", der)).join(""));

const snpCertificate = evidenceCertificate({ oid: EVIDENCE_OIDS.snp, value: snpMessage });
const tdxCertificate = evidenceCertificate({ oid: EVIDENCE_OIDS.tdx, value: tdxMessage });
const plainCertificate = evidenceCertificate();

async function reportDataOf(file: Uint8Array): Promise<string> {
  const { evidence } = await readEvidence(file, "evidence");
  return (evidence.tee === "snp" ? evidence.snp.report : evidence.tdx.quote.body).reportData.toHex();
}

describe("readEvidence()", () => {
  test.each([
    ["snp-report", "snp", report],
    ["snp-attestation", "snp", snpMessage],
    ["tdx-quote", "tdx", quote],
    ["tdx-attestation", "tdx", tdxMessage],
    ["certificate", "snp", snpCertificate],
    ["certificate", "tdx", pem(tdxCertificate)],
    ["certificate", "tdx", pem(plainCertificate, tdxCertificate)],
    ["snp-report", "snp", bytes(`${report.toHex().toUpperCase()}\n`)],
    ["snp-attestation", "snp", bytes(snpMessage.toBase64())],
    ["tdx-quote", "tdx", bytes((quote.toBase64().match(/.{1,76}/g) ?? []).join("\r\n"))],
    ["tdx-attestation", "tdx", bytes(tdxMessage.toBase64({ alphabet: "base64url" }))],
    ["certificate", "snp", bytes(snpCertificate.toHex())],
  ] as const)("recognises the form %s of %s (%#)", async (form, tee, file) => {
    const read = await readEvidence(file, "evidence");
    expect([read.form, read.evidence.tee, read.certificate !== undefined]).toEqual([form, tee, form === "certificate"]);
    expect(await reportDataOf(file)).toBe(REPORT_DATA.toHex());
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["text", bytes("Hello, world\n")],
    ["a report with a byte too much", Uint8Array.of(...report, 0)],
    ["a certificate without evidence", plainCertificate],
    ["PEM certificates without evidence", pem(plainCertificate)],
    [
      "an extension below the evidence's number",
      evidenceCertificate({ oid: `${EVIDENCE_OIDS.snp}.1`, value: snpMessage }),
    ],
  ])("refuses %s", async (_name, file) => {
    expect(await codeOfAsync(async () => await readEvidence(file, "evidence"))).toBe("attestation/evidence-unknown");
  });

  test.each([
    ["report", report],
    ["quote", quote],
    ["message of SNP", snpMessage],
    ["message of TDX", tdxMessage],
    ["certificate", snpCertificate],
  ])("refuses a %s that is cut off, with an error of ours", async (_name, file) => {
    for (let length = 0; length < file.length - 80; length += 1 + Math.floor(file.length / 97)) {
      const error: unknown = await readEvidence(file.slice(0, length), "evidence").catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ContrastError);
    }
  });

  test("answers any bytes with evidence or an error of ours", async () => {
    const starts = constantFrom([], [0x0a], [0x30, 0x82], [4, 0, 2, 0], [2, 0, 0, 0]);
    const property = asyncProperty(starts, uint8Array({ maxLength: 2000 }), async (start, rest) => {
      const outcome: unknown = await readEvidence(Uint8Array.of(...start, ...rest), "evidence").catch(
        (error: unknown) => error,
      );
      return outcome instanceof ContrastError || (typeof outcome === "object" && outcome !== null && "form" in outcome);
    });
    await assert(property, { seed: 20_260_101, numRuns: 300 });
  });
});
