import { describe, expect, test } from "bun:test";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EVIDENCE_OIDS } from "../../../src/attestation/validator.ts";
import { evidenceDefinition } from "../../../src/commands/evidence/evidence-definition.ts";
import { evidenceVerifyCommand } from "../../../src/commands/evidence/evidence-verify.ts";
import { reportDataOf } from "../../../src/attestation/report-data.ts";
import { encodeSnpAttestation } from "../../../src/attestation/snp/snp-attestation.ts";
import { encodeManifest } from "../../../src/manifest/manifest-json.ts";
import { createSelfSigned } from "../../../src/pki/self-signed.ts";
import { findCommand } from "../../../src/terminal/find-command.ts";
import type { FlagValue } from "../../../src/terminal/flag-grammar.ts";
import type { Io } from "../../../src/terminal/io.ts";
import { createParsedFlags } from "../../../src/terminal/parsed-flags.ts";
import { AMD_TEST_TIME, amdChip, CHIP_MEASUREMENT } from "../../fakes/amd-chip.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { changedManifest } from "../../fakes/plain-manifest.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const chip = amdChip();
const directory = temporaryDirectory();
const POLICY = new Uint8Array(32).fill(8);

function file(name: string, content: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const report = file("report.bin", chip.report({ hostData: POLICY }));
const certs = file("vcek.der", chip.vcekDer);
const crl = file("crl.der", chip.authority.crl());
const roots = file("roots.pem", chip.authority.rootsPem);
const manifest = file(
  "manifest.json",
  encodeManifest(
    changedManifest((plain) => {
      const MinimumTCB = { BootloaderVersion: 4, TEEVersion: 2, SNPVersion: 24, MicrocodeVersion: 217 };
      plain.ReferenceValues = {
        snp: [{ MinimumTCB, ProductName: "Milan", TrustedMeasurement: CHIP_MEASUREMENT.toHex() }],
      };
      plain.Policies = { [POLICY.toHex()]: { SANs: ["web"], WorkloadSecretID: "web" } };
    }),
  ),
);

interface Answer {
  readonly code: string;
  readonly text: string;
  /** Warnings. */
  readonly told: string;
}

const program = { root: evidenceDefinition, globalFlags: [] };

async function verify(
  flags: Readonly<Record<string, FlagValue>>,
  change: Partial<Io> = {},
  path = report,
): Promise<Answer> {
  const { command } = await findCommand(program, ["verify"]);
  const all = { offline: true, at: AMD_TEST_TIME.toISOString(), "insecure-trust-roots": roots, ...flags };
  const parsed = createParsedFlags(command.flags ?? [], new Map(Object.entries(all)), "");
  const io = recordIo(change);
  const call = { flags: parsed, positionals: [path], program };
  const code = await codeOfAsync(async () => await evidenceVerifyCommand.run(call, io));
  return { code, text: io.printed.join("\n"), told: io.told.join("\n") };
}

const ACCEPTED = "no error, returned undefined";
const ENDORSED = { certs: [certs], crl: [crl] };

describe("evidenceVerifyCommand", () => {
  test("accepts genuine evidence and lists what was not judged", async () => {
    const { code, text } = await verify(ENDORSED);
    expect(code).toBe(ACCEPTED);
    expect(text).toMatch(/^Genuine: \d+ checks passed$/m);
    expect(text.match(/^ {2}- /gm)).toHaveLength(3);
  });

  test("sums up what passed unless every check is asked for, but keeps the values that name machine and guest", async () => {
    const { text } = await verify({ ...ENDORSED, manifest });
    expect(text.match(/^ {2}✔/gm)?.length).toBeLessThan(20);
    expect(text).toContain(`✔ MEASUREMENT (launch digest): ${CHIP_MEASUREMENT.toHex()}`);
    expect(text).toContain("✔ REPORTED_TCB: 4.2.24.217 (4 checks)");
    expect(text).toContain("✔ product: Milan");
    const all = await verify({ ...ENDORSED, manifest, all: true });
    const passed = Number(/^Accepted: (\d+) checks passed$/m.exec(all.text)?.[1]);
    expect(all.text.match(/^ {2}✔/gm)).toHaveLength(passed);
  });

  test("judges by a manifest, and by a policy hash in place of its policies", async () => {
    const { code, text } = await verify({ ...ENDORSED, manifest, "report-data": "00".repeat(64) });
    expect([code, text.includes("Not judged")]).toEqual([ACCEPTED, false]);
    expect(text).toMatch(/^Accepted: \d+ checks passed$/m);
    const other = await verify({ ...ENDORSED, manifest, "policy-hash": "00".repeat(32) });
    expect(other.code).toBe("attestation/rejected");
    expect(other.text).toContain("✗");
  });

  test("could not check what is missing, unless that was waived", async () => {
    expect((await verify({ certs: [certs] })).code).toBe("attestation/unchecked");
    const waived = await verify({ certs: [certs], "no-revocation": true });
    expect([waived.code, /^Genuine: \d+ checks passed, \d+ waived$/m.test(waived.text)]).toEqual([ACCEPTED, true]);
  });

  describe("with --accept-collateral-until", () => {
    const MAY = { thisUpdate: new Date("2025-05-01"), nextUpdate: new Date("2025-05-20") };
    const expired = file("expired.crl", chip.authority.crl(MAY));
    const until = { "accept-collateral-until": "2025-06-02" };

    test("goes on with an expired list, with a warning that names it and its age", async () => {
      expect((await verify({ certs: [certs], crl: [expired] })).code).toBe("attestation/unchecked");
      const { code, text, told } = await verify({ certs: [certs], crl: [expired], ...until });
      expect(code).toBe(ACCEPTED);
      expect(text).toMatch(/^Genuine: \d+ checks passed, 2 waived$/m);
      expect(told).toContain("VCEK CRL of Milan, which expired 2025-05-20T00:00:00Z, 12 days before");
    });

    test("says nothing where nothing has expired", async () => {
      const { code, text, told } = await verify({ ...ENDORSED, ...until });
      expect([code, told.includes("--accept-collateral-until")]).toEqual([ACCEPTED, false]);
      expect(text).toMatch(/^Genuine: \d+ checks passed$/m);
    });

    test("ends at its time", async () => {
      const over = { "accept-collateral-until": AMD_TEST_TIME.toISOString() };
      const { code, told } = await verify({ certs: [certs], crl: [expired], ...over });
      expect([code, told.includes("--accept-collateral-until")]).toEqual(["attestation/unchecked", false]);
    });

    test("does not hide a revocation, and is not about lists of the future, missing lists, or certificates", async () => {
      const revoking = file("revoking.crl", chip.authority.crl({ ...MAY, revoked: ["ask"] }));
      expect((await verify({ certs: [certs], crl: [revoking], ...until })).code).toBe("attestation/rejected");
      const future = file("future.crl", chip.authority.crl({ thisUpdate: new Date("2025-06-15") }));
      expect((await verify({ certs: [certs], crl: [future], ...until })).code).toBe("attestation/unchecked");
      expect((await verify({ certs: [certs], ...until })).code).toBe("attestation/unchecked");
      const late = { at: "2060-01-01", "accept-collateral-until": "2070-01-01" };
      const { code, text } = await verify({ ...ENDORSED, ...late }, { format: "json" });
      expect(code).toBe("attestation/rejected");
      expect(text).toContain("pki/certificate-expired");
    });

    test("does not take an expired list from whoever presents the evidence", async () => {
      const evidence = chip.evidence({}, { crl: chip.authority.crl(MAY) });
      const message = file("evidence.pb", encodeSnpAttestation(evidence));
      expect((await verify(until, {}, message)).code).toBe("attestation/unchecked");
      expect((await verify({ ...until, crl: [expired] }, {}, message)).code).toBe(ACCEPTED);
    });
  });

  test("prints one JSON object also where it fails afterwards", async () => {
    const { code, text } = await verify({ certs: [certs] }, { format: "json" });
    expect(code).toBe("attestation/unchecked");
    expect(JSON.parse(text)).toMatchObject({
      schema: "contrast/evidence-verify/v1",
      ok: false,
      insecure: true,
      verdict: { outcome: "unknown", groups: [{ name: "authenticity" }] },
      form: "snp-report",
    });
  });

  test("refuses a manifest that is not complete", async () => {
    const incomplete = file(
      "incomplete.json",
      encodeManifest(
        changedManifest(({ ReferenceValues }) => {
          ReferenceValues.snp![0]!.MinimumTCB["SNPVersion"] = null;
        }),
      ),
    );
    expect((await verify({ ...ENDORSED, manifest: incomplete })).code).toBe("manifest/value-missing");
  });

  test("judges whom a certificate's evidence belongs to by the nonce of its connection", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
    const nonce = new Uint8Array(32).fill(9);
    const value = encodeSnpAttestation(chip.evidence({ reportData: reportDataOf(spki, nonce) }));
    const der = createSelfSigned({
      commonName: "Contrast",
      key: privateKey,
      notBefore: AMD_TEST_TIME,
      notAfter: AMD_TEST_TIME,
      extensions: [{ oid: EVIDENCE_OIDS.snp, value }],
    });
    const path = file("peer.der", der);
    const { code, text } = await verify({ ...ENDORSED, nonce: nonce.toHex() }, {}, path);
    expect([code, text.includes("REPORT_DATA: whe")]).toEqual([ACCEPTED, false]);
    expect((await verify({ ...ENDORSED, nonce: "00".repeat(32) }, {}, path)).code).toBe("attestation/rejected");
    expect((await verify({ ...ENDORSED, nonce: nonce.toHex() })).code).toBe("terminal/invalid-argument");
  });

  test("lists reference values of a newer manifest that it does not know", async () => {
    const newer = file(
      "newer.json",
      readFileSync(manifest, "utf8").replace('"ProductName"', '"CPUs": 4, "ProductName"'),
    );
    const { code, text } = await verify({ ...ENDORSED, manifest: newer, "report-data": "00".repeat(64) });
    expect([code, text.includes("  - ReferenceValues.snp[0].CPUs: ")]).toEqual([ACCEPTED, true]);
  });

  test.each([
    ["report-data", "00"],
    ["policy-hash", "x".repeat(64)],
    ["accept-collateral-until", "tomorrow"],
  ])("refuses a malformed --%s", async (name, value) => {
    expect((await verify({ ...ENDORSED, [name]: value })).code).toBe("terminal/invalid-argument");
  });
});
