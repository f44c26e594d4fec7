import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeBundle } from "../../src/attestation/collateral/bundle-write.ts";
import type { CollateralItem } from "../../src/attestation/collateral-need.ts";
import { EVIDENCE_OIDS } from "../../src/attestation/validator.ts";
import { amdAuthority, amdChip, type ReportFields } from "../fakes/amd-chip.ts";
import type { CertificateTrouble, EvidenceMaker } from "../fakes/atls/atls-server.ts";
import { createIntelPlatform, type IntelPlatform, type IntelPlatformOptions } from "../fakes/intel-platform.ts";
import { AttestBench, type AttestJson, TRUST, type VerdictJson } from "./attest-bench.ts";
import { snapshotOf } from "./snapshot.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const bench = new AttestBench();
const chip = amdChip();
const foreign = amdAuthority("Milan", "other");
const DAY_MS = 86_400_000;
const NOW = new Date();
const days = (count: number): Date => new Date(NOW.getTime() + count * DAY_MS);

const deployments = { snp: bench.deployment("snp"), tdx: bench.deployment("tdx") } as const;
const policyHash = Uint8Array.fromHex(deployments.snp.coordinatorHash);

/** A machine that something is wrong with, and what is known about it. */
interface BadMachine {
  readonly tee: "snp" | "tdx";
  readonly evidence: EvidenceMaker;
  /** In place of what the deployment has. */
  readonly collateral?: readonly CollateralItem[];
  readonly trouble?: CertificateTrouble;
  /** Changes the files of the user. */
  readonly prepare?: (directory: string) => void;
}

type EvidenceParts = NonNullable<Parameters<typeof chip.attestation>[1]>;

function snp(fields: ReportFields, parts: EvidenceParts = { leaf: false }, machine = chip): BadMachine {
  return {
    tee: "snp",
    evidence: (reportData) => ({
      oid: EVIDENCE_OIDS.snp,
      value: machine.attestation({ hostData: policyHash, ...fields, reportData }, parts),
    }),
  };
}

function vcek(options: Parameters<typeof chip.certificate>[0]): BadMachine {
  return snp({}, { leaf: chip.certificate(options) });
}

function tdx(options: IntelPlatformOptions, fields: Parameters<IntelPlatform["quote"]>[0] = {}): BadMachine {
  const platform = createIntelPlatform({ now: NOW, ...options });
  const mrConfigId = new Uint8Array(48);
  mrConfigId.set(policyHash);
  return {
    tee: "tdx",
    evidence: (reportData) => ({
      oid: EVIDENCE_OIDS.tdx,
      value: platform.attestation(reportData, { mrConfigId, ...fields }),
    }),
    collateral: platform.collateralItems(),
  };
}

function troubled(tee: "snp" | "tdx", trouble: CertificateTrouble): BadMachine {
  return { tee, evidence: deployments[tee].evidence, trouble };
}

/** A machine of a line that the manifest does not name; everything about it is in order. */
function genoa(): BadMachine {
  const machine = amdChip({ product: "Genoa" });
  return {
    ...snp({}, { leaf: false }, machine),
    collateral: machine.collateralItems(),
    prepare: (directory) => appendFileSync(join(directory, "roots.pem"), machine.authority.rootsPem),
  };
}

/** A quote whose chain starts with the root. Nothing signs the order, and the length stays the same. */
function reversedChain(): BadMachine {
  const { evidence } = deployments.tdx;
  const pems = /(-----BEGIN[^]*?-----END CERTIFICATE-----\n?){3}/;
  const reversed = (text: string): string => {
    const blocks = text.match(/-----BEGIN[^]*?-----END CERTIFICATE-----\n?/g) ?? [];
    return blocks.toReversed().join("");
  };
  return {
    tee: "tdx",
    evidence: async (reportData) => {
      const [presented] = [await evidence(reportData)].flat();
      const text = Buffer.from(presented?.value ?? []).toString("latin1");
      const value = new Uint8Array(Buffer.from(text.replace(pems, reversed), "latin1"));
      return { oid: EVIDENCE_OIDS.tdx, value };
    },
  };
}

const revokedAsk = amdChip().collateralItems({ crl: chip.authority.crl({ revoked: ["ask"] }) });

beforeAll(async () => {
  for (const deployment of Object.values(deployments)) {
    const server = await bench.coordinator(deployment);
    for (const words of [
      ["set", "resources"],
      ["verify", "--save", "saved.tar"],
    ]) {
      const [command = "", ...more] = words;
      const run = await bench.run(deployment.directory, [command, "-c", server.address, ...TRUST, ...more]);
      expect(run.status, run.stderr).toBe(0);
    }
  }
});

const MORE_WORDS: Readonly<Record<string, readonly string[]>> = {
  set: ["resources"],
  verify: ["--save", "saved.tar"],
};

/** What a command says of a machine; whatever it is, the files of the runs before stay as they are. */
async function runOn(machine: BadMachine, command = "verify"): Promise<{ status: number | null; json: AttestJson }> {
  const deployment = deployments[machine.tee];
  const directory = bench.copyOf(deployment.directory);
  if (machine.collateral !== undefined) {
    const items = machine.collateral.map((item) => ({ item, validity: {} }));
    writeFileSync(join(directory, "collateral.tar"), encodeBundle(items, "test"));
  }
  machine.prepare?.(directory);
  const { evidence, trouble } = machine;
  const server = await bench.coordinator(deployment, { evidence, trouble, state: deployment.setState() });
  const words = [command, "-c", server.address, ...TRUST, ...(MORE_WORDS[command] ?? [])];
  // The first connection is the one whose evidence is shown again.
  if (trouble === "replayed-evidence") await bench.run(bench.copyOf(directory), words);
  const callsBefore = server.calls.length;
  const before = snapshotOf(directory);
  const { status, json, elapsedMs } = await bench.runJson(directory, words);
  expect(snapshotOf(directory)).toEqual(before);
  expect(server.calls.length).toBe(callsBefore);
  expect(elapsedMs).toBeLessThan(30_000);
  // Also a refusal says nothing about real hardware.
  expect(json.insecure).toBe(true);
  return { status, json };
}

describe("contrast verify", () => {
  test.concurrent.each<[string, () => BadMachine, readonly string[]]>([
    ["a VCEK of another issuer", () => vcek({ signer: foreign.ask }), ["chain.vcek.signature=pki/signature-invalid"]],
    [
      "a VCEK that names another issuer",
      () => snp({}, { leaf: chip.vlekDer }),
      [
        "certificate.extensions=snp/certificate-extensions-invalid",
        "certificate.issuer=snp/certificate-form-wrong",
        "certificate.subject=snp/certificate-form-wrong",
        "chain.vcek.issuer-name=pki/issuer-mismatch",
        "chain.vcek.signature=pki/signature-invalid",
      ],
    ],
    [
      "an expired VCEK",
      () => vcek({ notBefore: days(-20), notAfter: days(-1) }),
      ["chain.vcek.validity=pki/certificate-expired"],
    ],
    [
      "a VCEK that is not yet valid",
      () => vcek({ notBefore: days(1), notAfter: days(20) }),
      ["chain.vcek.validity=pki/certificate-not-yet-valid"],
    ],
    ["a revoked ASK", () => ({ ...snp({}), collateral: revokedAsk }), ["revocation=snp/issuer-revoked"]],
    ["another product line", genoa, ["product=snp/product-mismatch"]],
    [
      "a report that a VLEK signed, with a VCEK",
      () => snp({ signingKey: "VLEK" }, { leaf: chip.vcekDer }),
      [
        "certificate.extensions=snp/certificate-extensions-invalid",
        "certificate.issuer=snp/certificate-form-wrong",
        "certificate.subject=snp/certificate-form-wrong",
        "chain.vlek.issuer-name=pki/issuer-mismatch",
        "chain.vlek.signature=pki/signature-invalid",
        "signing-key=snp/vlek-unsupported",
      ],
    ],
    [
      "the VCEK of another chip",
      () => snp({}, { leaf: amdChip({ chipId: new Uint8Array(64).fill(7) }).vcekDer }),
      ["certificate.chip-id=snp/certificate-chip-wrong"],
    ],
    ["a guest that may be debugged", () => snp({ policy: 0xb0000n }), ["policy.debug=snp/guest-policy-wrong"]],
    [
      "another measurement",
      () => snp({ measurement: new Uint8Array(48).fill(1) }),
      ["measurement=snp/measurement-wrong"],
    ],
    ["a PCK chain of another root", () => tdx({ authority: "other" }), ["chain.root=tdx/root-untrusted"]],
    ["a PCK chain in reverse", reversedChain, ["form=tdx/pck-extension-invalid"]],
    [
      "an expired PCK",
      () => tdx({ certificates: { pck: { notBefore: days(-9), notAfter: days(-1) } } }),
      ["chain.validity=pki/certificate-expired"],
    ],
    [
      "a PCK that is not yet valid",
      () => tdx({ certificates: { pck: { notBefore: days(1), notAfter: days(9) } } }),
      ["chain.validity=pki/certificate-not-yet-valid"],
    ],
    ["a revoked PCK", () => tdx({ revoked: ["pck"] }), ["revocation.pck=tdx/certificate-revoked"]],
    [
      "a trust domain that may be debugged",
      () => tdx({}, { tdAttributes: Uint8Array.fromHex("0100001000000000") }),
      ["td-attributes.debug=tdx/debug-guest", "td-attributes=tdx/reference-value-wrong"],
    ],
    ["evidence for another nonce on SNP", () => troubled("snp", "wrong-nonce"), ["report-data=snp/report-data-wrong"]],
    ["evidence for another nonce on TDX", () => troubled("tdx", "wrong-nonce"), ["report-data=tdx/report-data-wrong"]],
    ["evidence for another key on SNP", () => troubled("snp", "other-key"), ["report-data=snp/report-data-wrong"]],
    ["evidence for another key on TDX", () => troubled("tdx", "other-key"), ["report-data=tdx/report-data-wrong"]],
    [
      "evidence of an earlier connection on SNP",
      () => troubled("snp", "replayed-evidence"),
      ["report-data=snp/report-data-wrong"],
    ],
    [
      "evidence of an earlier connection on TDX",
      () => troubled("tdx", "replayed-evidence"),
      ["report-data=tdx/report-data-wrong"],
    ],
    [
      "SNP evidence where the manifest has only TDX",
      () => ({ ...snp({}), tee: "tdx" }),
      ["hardware=attestation/no-reference-values"],
    ],
    [
      "TDX evidence where the manifest has only SNP",
      () => ({ ...tdx({}), tee: "snp" }),
      ["hardware=attestation/no-reference-values"],
    ],
    [
      "no evidence that can be read",
      () => ({ tee: "snp", evidence: () => ({ oid: EVIDENCE_OIDS.snp, value: new Uint8Array(2000).fill(0x41) }) }),
      ["form=snp/attestation-invalid"],
    ],
  ])("refuses %s and leaves all files alone", async (_, machine, rows) => {
    const { status, json } = await runOn(machine());
    expect([status, json.code, refusals(json.verdict)]).toEqual([3, "attestation/rejected", rows]);
  });

  test.concurrent.each<[string, CertificateTrouble, string]>([
    ["no evidence", "no-evidence", "atls/no-evidence"],
    ["two pieces of evidence", "two-extensions", "atls/certificate-invalid"],
  ])("refuses %s and leaves all files alone", async (_, trouble, code) => {
    const { status, json } = await runOn(troubled("snp", trouble));
    expect([status, json.code, json.verdict]).toEqual([3, code, undefined]);
  });
});

describe("contrast verify, for people", () => {
  test.concurrent("tells every reason of a refusal at once, with values to copy", async () => {
    const deployment = bench.deployment("snp");
    deployment.changeManifest((manifest) => {
      const [entry = {}] = manifest.ReferenceValues.snp ?? [];
      const MinimumTCB = { BootloaderVersion: 4, TEEVersion: 2, SNPVersion: 25, MicrocodeVersion: 219 };
      const other = { ...entry, TrustedMeasurement: "ab".repeat(48) };
      manifest.ReferenceValues.snp = [{ ...entry, MinimumTCB }, other];
    });
    const { evidence } = snp({ policy: 0xb0000n });
    const server = await bench.coordinator(deployment, { evidence, state: deployment.setState() });
    const { status, stdout, stderr } = await bench.run(deployment.directory, [
      "verify",
      "-c",
      server.address,
      ...TRUST,
    ]);
    expect([status, stdout]).toEqual([1, ""]);
    for (const text of [
      "Reference values snp-0-MILAN (closest of 2 entries)",
      "✗ REPORTED_TCB snp: got 24, want at least 25 (ReferenceValues.snp[0].MinimumTCB.SNPVersion)",
      "✗ REPORTED_TCB microcode: got 217, want at least 219 (ReferenceValues.snp[0].MinimumTCB.MicrocodeVersion)",
      "contrast help snp/guest-policy-wrong",
      '"MicrocodeVersion": 217',
      "✗ Reference values snp-1-MILAN differ in MEASUREMENT (launch digest)",
    ]) {
      expect(stderr).toContain(text);
    }
  });
});

describe.each(["set", "recover"])("contrast %s", (command) => {
  test.concurrent.each<[string, () => BadMachine, readonly string[]]>([
    ["a revoked PCK", () => tdx({ revoked: ["pck"] }), ["revocation.pck=tdx/certificate-revoked"]],
    [
      "evidence of an earlier connection",
      () => troubled("snp", "replayed-evidence"),
      ["report-data=snp/report-data-wrong"],
    ],
  ])("sends nothing to a Coordinator with %s", async (_, machine, rows) => {
    const { status, json } = await runOn(machine(), command);
    expect([status, json.code, refusals(json.verdict)]).toEqual([3, "attestation/rejected", rows]);
  });
});

/** What was refused and why, as `id=code`. */
function refusals(verdict: VerdictJson | undefined): readonly string[] {
  const checks = verdict?.groups.flatMap((group) => group.checks) ?? [];
  return checks.flatMap(({ id, outcome, code }) => (outcome === "failed" ? [`${id}=${code}`] : [])).toSorted();
}
