import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { EVIDENCE_OIDS } from "../../../src/attestation/validator.ts";
import { evidenceDefinition } from "../../../src/commands/evidence/evidence-definition.ts";
import { evidenceShowCommand } from "../../../src/commands/evidence/evidence-show.ts";
import { createParsedFlags } from "../../../src/terminal/parsed-flags.ts";
import type { Io } from "../../../src/terminal/io.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { evidenceCertificate } from "../../fakes/evidence-certificate.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const chip = amdChip();
const platform = createIntelPlatform();
const path = join(temporaryDirectory(), "evidence");

async function show(content: Uint8Array, change: Partial<Io> = {}): Promise<string> {
  writeFileSync(path, content);
  const io = recordIo(change);
  const program = { root: evidenceDefinition, globalFlags: [] };
  await evidenceShowCommand.run({ flags: createParsedFlags([], new Map(), ""), positionals: [path], program }, io);
  return io.printed.join("\n");
}

describe("evidenceShowCommand", () => {
  test.each([
    ["AMD SEV-SNP report, version 3, Milan, signed by VCEK (raw report)", chip.report()],
    ["AMD SEV-SNP report, version 3, Milan, signed by VLEK (raw report)", chip.report({ signingKey: "VLEK" })],
    ["Intel TDX quote, version 4 (raw quote)", platform.quote()],
    ["Intel TDX quote, version 5 (raw quote)", platform.quote({ version: 5 })],
  ])("begins with %s, and says that nothing was verified", async (summary, content) => {
    expect(await show(content)).toStartWith(`${summary}\nNothing of this was verified; every value may be made up.\n`);
  });

  test("lists the certificates inside, and the one around", async () => {
    const value = chip.attestation({}, { chain: true });
    const text = await show(evidenceCertificate({ oid: EVIDENCE_OIDS.snp, value }));
    const roles = [...text.matchAll(/^Certificate in the place of (.*)$/gm)].map(([, role]) => role);
    expect(roles).toEqual(["carrier of the evidence", "vcek", "ask", "ark"]);
    expect(await show(platform.quote())).toContain("Certificate in the place of root\n  subject  CN=Intel SGX Root CA");
  });

  test("shows the report also where a certificate inside cannot be read", async () => {
    const text = await show(chip.attestation({}, { leaf: Uint8Array.of(1, 2, 3) }));
    expect(text).toContain("Certificate in the place of vcek: cannot be read");
    const json = await show(chip.attestation({}, { leaf: Uint8Array.of(1, 2, 3) }), { format: "json" });
    expect(JSON.parse(json)).toMatchObject({ certificates: [{ role: "vcek", readable: false }] });
  });

  test("gives every field as JSON, marked as not verified", async () => {
    const shown = JSON.parse(await show(chip.report({ vmpl: 2 }), { format: "json" })) as { fields: unknown[] };
    expect(shown).toMatchObject({
      schema: "contrast/evidence-show/v1",
      verified: false,
      tee: "snp",
      form: "snp-report",
    });
    expect(shown.fields).toContainEqual(expect.objectContaining({ name: "VMPL", value: "2" }));
  });

  test("breaks long explanations, but no value", async () => {
    const lines = (await show(chip.report())).split("\n");
    const policy = lines.findIndex((line) => line.startsWith("  POLICY"));
    expect(lines[policy]).toMatch(/^ {2}POLICY +0x0000000000030000$/);
    expect(lines[policy + 1]).toMatch(/^ {22}\(ABI 0\.0 or newer, /);
    expect(
      lines
        .filter((line) => line.includes(" ") && line.trimStart().startsWith("("))
        .every((line) => line.length <= 110),
    ).toBe(true);
    expect(lines.find((line) => line.startsWith("  CHIP_ID"))).toContain(chip.chipId.toHex());
  });

  test("refuses what is no evidence", async () => {
    expect(await codeOfAsync(async () => await show(new Uint8Array(7)))).toBe("attestation/evidence-unknown");
  });
});
