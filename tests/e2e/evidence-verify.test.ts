import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { EVIDENCE_OIDS } from "../../src/attestation/validator.ts";
import { encodeManifest } from "../../src/manifest/manifest-json.ts";
import { encodePem } from "../../src/pki/pem-block.ts";
import { AMD_TEST_TIME, amdAuthority, amdChip, CHIP_MEASUREMENT } from "../fakes/amd-chip.ts";
import { evidenceCertificate } from "../fakes/evidence-certificate.ts";
import { createIntelPlatform } from "../fakes/intel-platform.ts";
import { isPermitted } from "../fakes/peers.ts";
import { changedManifest } from "../fakes/plain-manifest.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { verifyEvidence } from "./evidence-run.ts";
import { contrastBinary } from "./binary.ts";
import { runBinary } from "./run-binary.ts";

const chip = amdChip();
const platform = createIntelPlatform({ now: AMD_TEST_TIME });
const folder = temporaryDirectory();
const REPORT_DATA = new Uint8Array(64).fill(5);
const POLICY = new Uint8Array(32).fill(6);

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const report = file("report.bin", chip.report({ reportData: REPORT_DATA, hostData: POLICY }));
const roots = file("roots.pem", chip.authority.rootsPem + platform.rootPem);
const vcek = file("vcek.der", chip.vcekDer);
// In any order, with certificates of other chips and roles between them.
const certs = file(
  "certs.pem",
  [amdChip({ chipId: new Uint8Array(64).fill(1) }).vcekDer, chip.authority.arkDer, chip.vcekDer, chip.authority.askDer]
    .map((der) => encodePem("CERTIFICATE", der))
    .join(""),
);
const crl = file("milan.crl", chip.authority.crl());
const manifest = file(
  "manifest.json",
  encodeManifest(
    changedManifest((plain) => {
      const MinimumTCB = { BootloaderVersion: 4, TEEVersion: 2, SNPVersion: 24, MicrocodeVersion: 217 };
      const entry = { MinimumTCB, ProductName: "Milan", TrustedMeasurement: CHIP_MEASUREMENT.toHex() };
      plain.ReferenceValues = { snp: [entry, { ...entry, ProductName: "Genoa" }] };
      plain.Policies[POLICY.toHex()] = { SANs: ["web"], WorkloadSecretID: "web" };
    }),
  ),
);
const COMMON = ["--at", AMD_TEST_TIME.toISOString(), "--insecure-trust-roots", roots];

const NO_NETWORK = ["unshare", "--map-root-user", "--net", "--"];
const canUnshare = isPermitted("contrast evidence verify, without network", ...NO_NETWORK, "true");

describe("contrast evidence verify", () => {
  test("accepts a report with loose certificates and list, and marks roots of a file", async () => {
    const answer = await verifyEvidence(report, "--certs", certs, "--crl", crl, ...COMMON);
    expect([answer.status, answer.failed, answer.result.insecure]).toEqual([0, [], true]);
    expect(answer.result.notJudged).toHaveLength(3);
    expect(answer.stderr).toContain("roots.pem");
    const text = await runBinary(["evidence", "verify", report, "--certs", vcek, "--crl", crl, "--offline", ...COMMON]);
    expect(text.stdout).toContain("this says nothing about real hardware");
    expect(text.stdout).toContain("Not judged");
    expect(text.stdout).not.toContain("\u001b");
  });

  test("trusts no synthetic hardware without being told to", async () => {
    const answer = await verifyEvidence(report, "--certs", certs, "--crl", crl, "--at", AMD_TEST_TIME.toISOString());
    expect([answer.status, answer.outcome, answer.result.insecure]).toEqual([3, "rejected", undefined]);
    const other = file("other.pem", amdAuthority("Milan", "other").rootsPem);
    const wrong = await verifyEvidence(
      report,
      "--certs",
      certs,
      "--crl",
      crl,
      ...COMMON.slice(0, 2),
      "--insecure-trust-roots",
      other,
    );
    expect(wrong.status).toBe(3);
  });

  test("judges all that it is told to judge by", async () => {
    const judged = [report, "--certs", vcek, "--crl", crl, ...COMMON, "--manifest", manifest, "--report-data"];
    const good = await verifyEvidence(...judged, REPORT_DATA.toHex());
    expect([good.status, good.outcome, good.result.notJudged]).toEqual([0, "accepted", []]);
    const replay = await verifyEvidence(...judged, "00".repeat(64));
    expect([replay.status, replay.result.verdict?.groups.map(({ outcome }) => outcome)]).toEqual([
      3,
      expect.arrayContaining(["failed"]),
    ]);
    const policy = await verifyEvidence(...judged, REPORT_DATA.toHex(), "--policy-hash", "00".repeat(32));
    expect(policy.status).toBe(3);
  });

  test("says that a certificate does not hold the nonce of its connection", async () => {
    const value = chip.attestation({ reportData: REPORT_DATA }, { crl: chip.authority.crl() });
    const pem = encodePem("CERTIFICATE", evidenceCertificate({ oid: EVIDENCE_OIDS.snp, value }));
    const answer = await verifyEvidence(file("peer.pem", pem), ...COMMON);
    expect(answer.status).toBe(0);
    expect(answer.result.notJudged?.[0]).toContain("does not hold the nonce");
  });

  test("takes Intel's revocation lists as files", async () => {
    const quote = file("quote.bin", platform.quote());
    const lists = ["--crl", file("root.crl", platform.rootCrl), "--crl", file("pck.crl", platform.pckCrl)];
    const answer = await verifyEvidence(quote, ...lists, "--no-collateral", ...COMMON);
    expect([answer.status, answer.failed]).toEqual([0, []]);
    const revoked = createIntelPlatform({ now: AMD_TEST_TIME, revoked: ["pck"] });
    const refused = ["--crl", file("root2.crl", revoked.rootCrl), "--crl", file("pck2.crl", revoked.pckCrl)];
    expect((await verifyEvidence(quote, ...refused, "--no-collateral", ...COMMON)).status).toBe(3);
  });

  test("reads evidence from standard input", async () => {
    const args = ["evidence", "verify", "-", "--certs", vcek, "--crl", crl, "--offline", "--format", "json", ...COMMON];
    const stdin = chip.report({ reportData: REPORT_DATA });
    expect((await runBinary(args, { stdin })).status).toBe(0);
  });

  test("colours the text where that is asked for", async () => {
    const args = ["evidence", "verify", report, "--certs", vcek, "--offline", "--no-revocation", ...COMMON];
    const coloured = await runBinary(args, { env: { FORCE_COLOR: "1" } });
    expect(coloured.stdout).toContain("\u001b[32m✔\u001b[0m");
    expect((await runBinary(args, { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout).not.toContain("\u001b");
  });

  test.each([
    [["--report-data", "00"], 2, "terminal/invalid-argument"],
    [["--policy-hash", "zz".repeat(32)], 2, "terminal/invalid-argument"],
    [["--at", "yesterday"], 2, "terminal/invalid-argument"],
    [["--certs", manifest], 7, "pki/pem-missing"],
    [["--crl", vcek], 7, "pki/crl-invalid"],
    [["--collateral", vcek], 7, "attestation/collateral-file-invalid"],
    [["--manifest", join(folder, "missing.json")], 7, "lib/file-unreadable"],
  ] as const)("refuses %p with status %d", async (flags, status, code) => {
    const answer = await verifyEvidence(report, "--no-revocation", ...flags);
    expect([answer.status, answer.outcome]).toEqual([status, code]);
  });

  test.each([0, 1, 100, 1183, 1185])("refuses a report of %d bytes with an error of ours", async (length) => {
    const bytes = new Uint8Array(length);
    bytes.set(chip.report().subarray(0, length));
    const answer = await verifyEvidence(file(`short-${length}.bin`, bytes), "--no-revocation");
    expect([answer.status, answer.outcome]).toEqual([7, "attestation/evidence-unknown"]);
  });

  test("ends with 1 for anything but acceptance in the default mode", async () => {
    const args = ["evidence", "verify", report, "--certs", vcek, "--offline", ...COMMON];
    const { status, stderr, stdout } = await runBinary(args);
    expect([status, stdout.includes("Could not check"), stderr.includes("could not be checked")]).toEqual([
      1,
      true,
      true,
    ]);
  });

  test.skipIf(!canUnshare)("works where there is no network at all", async () => {
    const binary = await contrastBinary();
    const args = ["evidence", "verify", report, "--certs", vcek, "--crl", crl, "--offline", ...COMMON];
    const child = Bun.spawnSync([...NO_NETWORK, binary, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    expect([child.exitCode, child.stdout.toString().includes("Genuine")]).toEqual([0, true]);
  });
});
