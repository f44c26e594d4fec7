// Every vector gives the result that its README lists, offline, through the compiled binary.
import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aksManifestText } from "../fakes/manifests.ts";
import type { PlainManifest } from "../fakes/plain-manifest.ts";
import { vectorsFolder } from "../fakes/vectors.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { verifyEvidence } from "./evidence-run.ts";
import { runBinary } from "./run-binary.ts";

const snp = vectorsFolder("snp");
const tdx = vectorsFolder("tdx");
const atls = vectorsFolder("atls");

const snpFile = (name: string): string => join(snp ?? "", name);
const tdxFile = (name: string): string => join(tdx ?? "", name);
const NO_CRL = ["--no-revocation"];
const BARE = ["--no-revocation", "--no-collateral"];

interface SnpFields {
  readonly measurement: string;
  readonly hostData: string;
  readonly reportedTcb: Readonly<Record<"bootloader" | "tee" | "snp" | "microcode", number>>;
}

/** A manifest that expects what a report of the vectors says, with Contrast's own options for the rest. */
function snpManifest(vector: string, productName: string, change: object = {}): string {
  const all = JSON.parse(readFileSync(snpFile("expected-fields.json"), "utf8")) as Record<string, SnpFields>;
  const { measurement, hostData, reportedTcb } = all[vector]!;
  const { bootloader, tee, snp: snpVersion, microcode } = reportedTcb;
  const MinimumTCB = {
    BootloaderVersion: bootloader,
    TEEVersion: tee,
    SNPVersion: snpVersion,
    MicrocodeVersion: microcode,
  };
  const entry = { MinimumTCB, ProductName: productName, TrustedMeasurement: measurement, ...change };
  return manifestFile((manifest) => {
    manifest.ReferenceValues = { snp: [entry] };
    manifest.Policies = { [hostData]: { SANs: ["web"], WorkloadSecretID: "web" } };
  });
}

function manifestFile(change: (manifest: PlainManifest) => void): string {
  const manifest = JSON.parse(aksManifestText()) as PlainManifest;
  change(manifest);
  const path = join(temporaryDirectory(), "manifest.json");
  writeFileSync(path, JSON.stringify(manifest));
  return path;
}

/** The loose bodies and headers of 2023 in the JSON form of the newer vectors. */
function collateralOf2023(): string {
  const text = (name: string): string => readFileSync(tdxFile(name), "utf8");
  const chain = (name: string): string => decodeURIComponent(text(`${name}-issuer-chain-2023.header.txt`).trim());
  const hex = (name: string): string => readFileSync(tdxFile(name)).toString("hex");
  const signed = (body: string, member: string): readonly [string, string] => {
    const match = new RegExp(`^\\{"${member}":(\\{.*\\}),"signature":"([0-9a-f]+)"\\}\\s*$`, "s").exec(body);
    return [match?.[1] ?? "", match?.[2] ?? ""];
  };
  const [tcbInfo, tcbInfoSignature] = signed(text("tcbinfo-50806f000000-2023.json"), "tcbInfo");
  const [qeIdentity, qeIdentitySignature] = signed(text("qeidentity-2023.json"), "enclaveIdentity");
  const path = join(temporaryDirectory(), "collateral.json");
  const collateral = {
    pck_crl_issuer_chain: chain("sgx-pck-crl"),
    root_ca_crl: hex("rootcrl-2023.der"),
    pck_crl: hex("pckcrl-platform-2023.der"),
    tcb_info_issuer_chain: chain("tcb-info"),
    tcb_info: tcbInfo,
    tcb_info_signature: tcbInfoSignature,
    qe_identity_issuer_chain: chain("sgx-enclave-identity"),
    qe_identity: qeIdentity,
    qe_identity_signature: qeIdentitySignature,
  };
  writeFileSync(path, JSON.stringify(collateral));
  return path;
}

describe.skipIf(snp === undefined)("contrast evidence verify with the vectors of AMD SEV-SNP", () => {
  const GENUINE = [
    ["milan-v2-a", "milan-v2-a.vcek.der", "2022-09-25", "2029-09-23"],
    ["milan-v2-b", "milan-v2-b.vcek.der", "2023-01-25", "2030-01-23"],
    ["milan-v3-vlek", "milan-v3-vlek.vlek.der", "2024-12-11", "2025-12-09"],
    ["genoa-v3", "genoa-v3.vcek.pem", "2025-01-25", "2032-01-23"],
    ["milan-v3", "milan-v3.vcek.pem", "2025-01-29", "2032-01-27"],
  ] as const;

  test.each(GENUINE)("finds %s genuine within its dates, and only there", async (name, certificate, first, last) => {
    const args = [snpFile(`${name}.report.bin`), "--certs", snpFile(certificate), ...NO_CRL];
    for (const at of [first, last]) {
      const answer = await verifyEvidence(...args, "--at", at);
      expect([answer.status, answer.outcome, answer.failed]).toEqual([0, "accepted", []]);
    }
    for (const at of [shifted(first, -2), shifted(last, 2)]) {
      const answer = await verifyEvidence(...args, "--at", at);
      expect([answer.status, answer.failed]).toEqual([3, [expect.stringContaining("validity")]]);
    }
  });

  test.each(GENUINE)("could not check %s without a revocation list", async (name, certificate, at) => {
    const answer = await verifyEvidence(snpFile(`${name}.report.bin`), "--certs", snpFile(certificate), "--at", at);
    expect([answer.status, answer.outcome, answer.failed]).toEqual([6, "unknown", []]);
  });

  test.each(["other-chip", "wrapped-hwid"])("refuses milan-v2-b with the certificate %s", async (name) => {
    const certificate = snpFile(`milan-v2-b.vcek-${name}.der`);
    const answer = await verifyEvidence(
      snpFile("milan-v2-b.report.bin"),
      "--certs",
      certificate,
      ...NO_CRL,
      "--at",
      "2025-01-01",
    );
    expect([answer.status, answer.outcome]).toEqual([3, "rejected"]);
    const expected = ["certificate.chip-id", "certificate.tcb", "chain.vcek.signature", "report.signature"];
    expect(answer.failed).toEqual(expected);
  });

  test("refuses milan-v2-a by a manifest for its debug bit alone", async () => {
    const args = [
      snpFile("milan-v2-a.report.bin"),
      "--certs",
      snpFile("milan-v2-a.vcek.der"),
      ...NO_CRL,
      "--at",
      "2025-01-01",
    ];
    const refused = await verifyEvidence(...args, "--manifest", snpManifest("milan-v2-a", "Milan"));
    expect([refused.status, refused.failed]).toEqual([3, [expect.stringContaining("debug")]]);
    const GuestPolicy = { ABIMinor: 0, ABIMajor: 0, SMT: true, MigrateMA: false, Debug: true, SingleSocket: false };
    const allowed = await verifyEvidence(...args, "--manifest", snpManifest("milan-v2-a", "Milan", { GuestPolicy }));
    expect([allowed.status, allowed.failed]).toEqual([0, []]);
  });

  test("accepts milan-v2-b by a manifest although its firmware is provisional", async () => {
    const args = [
      snpFile("milan-v2-b.report.bin"),
      "--certs",
      snpFile("milan-v2-b.vcek.der"),
      ...NO_CRL,
      "--at",
      "2025-01-01",
    ];
    const answer = await verifyEvidence(...args, "--manifest", snpManifest("milan-v2-b", "Milan"));
    expect([answer.status, answer.outcome]).toEqual([0, "accepted"]);
  });

  test("refuses milan-v3-vlek by a manifest, because Contrast trusts no VLEK, and for its VMPL", async () => {
    const args = [
      snpFile("milan-v3-vlek.report.bin"),
      "--certs",
      snpFile("milan-v3-vlek.vlek.der"),
      ...NO_CRL,
      "--at",
      "2025-06-01",
    ];
    const answer = await verifyEvidence(...args, "--manifest", snpManifest("milan-v3-vlek", "Milan"));
    expect([answer.status, answer.failed]).toEqual([3, ["signing-key", "vmpl"]]);
  });

  test("names the product when a Genoa report meets a manifest for Milan", async () => {
    const args = [
      snpFile("genoa-v3.report.bin"),
      "--certs",
      snpFile("genoa-v3.vcek.pem"),
      ...NO_CRL,
      "--at",
      "2025-06-01",
    ];
    const answer = await verifyEvidence(...args, "--manifest", snpManifest("genoa-v3", "Milan"));
    expect([answer.status, answer.failed]).toEqual([3, [expect.stringContaining("product")]]);
    expect((await verifyEvidence(...args, "--manifest", snpManifest("genoa-v3", "Genoa"))).status).toBe(0);
  });

  test("refuses the VCEK of another report", async () => {
    const args = [
      snpFile("milan-v2-a.report.bin"),
      "--certs",
      snpFile("milan-v2-b.vcek.der"),
      ...NO_CRL,
      "--at",
      "2025-01-01",
    ];
    const answer = await verifyEvidence(...args);
    expect([answer.status, answer.outcome]).toEqual([3, "rejected"]);
    expect(answer.failed).toEqual(["certificate.chip-id", "certificate.tcb", "report.signature"]);
  });
});

describe.skipIf(tdx === undefined)("contrast evidence verify with the vectors of Intel TDX", () => {
  const v4b = tdxFile("v4-b.quote.bin");
  const withCollateral = ["--collateral", tdxFile("v4-b.collateral.json")];

  test.each([
    ["v4-a", "2022-09-22", "2029-09-18"],
    ["v4-b", "2025-02-08", "2032-02-05"],
    ["v4-c", "2025-04-10", "2032-04-06"],
    ["v4-d", "2023-09-15", "2030-09-11"],
    ["v5-a", "2026-01-29", "2033-01-25"],
  ])("finds %s genuine without collateral where that is waived", async (name, first, last) => {
    for (const at of [first, last]) {
      const answer = await verifyEvidence(tdxFile(`${name}.quote.bin`), ...BARE, "--at", at);
      expect([answer.status, answer.outcome]).toEqual([0, "accepted"]);
    }
    const open = await verifyEvidence(tdxFile(`${name}.quote.bin`), "--at", first);
    expect([open.status, open.outcome]).toEqual([6, "unknown"]);
    const early = await verifyEvidence(tdxFile(`${name}.quote.bin`), ...BARE, "--at", "2018-01-01");
    expect(early.status).toBe(3);
  });

  test.each(["2025-06-19T10:33:00Z", "2025-07-01T00:00:00Z", "2025-07-19T10:00:00Z"])(
    "accepts v4-b as up to date at %s",
    async (at) => {
      const answer = await verifyEvidence(v4b, ...withCollateral, "--at", at);
      expect([answer.status, answer.outcome, answer.failed]).toEqual([0, "accepted", []]);
      const rows = answer.result.verdict?.groups[0]?.checks ?? [];
      expect(rows.filter(({ actual }) => actual === "UpToDate")).toHaveLength(2);
    },
  );

  test("could not check v4-b after its collateral has expired", async () => {
    const answer = await verifyEvidence(v4b, ...withCollateral, "--at", "2025-08-01");
    expect([answer.status, answer.outcome, answer.failed]).toEqual([6, "unknown", []]);
  });

  test("finds no TCB level for v4-a in the documents of 2023, which all verify", async () => {
    const args = [tdxFile("v4-a.quote.bin"), "--collateral", collateralOf2023(), "--at", "2023-07-01T01:00:00Z"];
    const answer = await verifyEvidence(...args);
    expect([answer.status, answer.failed]).toEqual([3, [expect.stringContaining("tcb")]]);
  });

  test("refuses an SGX quote, and collateral of SGX for a TDX quote", async () => {
    const quote = await verifyEvidence(tdxFile("sgx-v3.quote.bin"), "--collateral", tdxFile("sgx-v3.collateral.json"));
    expect([quote.status, quote.outcome]).toEqual([3, "tdx/quote-is-sgx"]);
    const other = await verifyEvidence(v4b, "--collateral", tdxFile("sgx-v3.collateral.json"), "--at", "2025-06-30");
    expect(other.result.ok).toBe(false);
    expect(other.status).not.toBe(0);
  });

  test("judges v4-b by a manifest with its values", async () => {
    const all = JSON.parse(readFileSync(tdxFile("expected-fields.json"), "utf8")) as Record<string, { body: TdxBody }>;
    const { body } = all["v4-b"]!;
    const entry = {
      MrTd: body.mrTd,
      Rtrms: body.rtmrs,
      MinimumQeSvn: 0,
      MinimumPceSvn: 0,
      MinimumTeeTcbSvn: body.teeTcbSvn,
      MrSeam: body.mrSeam,
      TdAttributes: body.tdAttributes,
      Xfam: body.xfam,
    };
    const file = (change: object): string =>
      manifestFile((manifest) => {
        manifest.ReferenceValues = { tdx: [{ ...entry, ...change }] };
        manifest.Policies = { ["0".repeat(64)]: { SANs: ["web"], WorkloadSecretID: "web" } };
      });
    const args = [v4b, ...withCollateral, "--at", "2025-06-30", "--report-data", body.reportData, "--manifest"];
    expect((await verifyEvidence(...args, file({}))).status).toBe(0);
    const wrong = await verifyEvidence(...args, file({ MrSeam: "0".repeat(96) }));
    expect([wrong.status, wrong.failed.length]).toEqual([3, 1]);
  });
});

interface TdxBody {
  readonly mrTd: string;
  readonly rtmrs: readonly string[];
  readonly teeTcbSvn: string;
  readonly mrSeam: string;
  readonly tdAttributes: string;
  readonly xfam: string;
  readonly reportData: string;
}

describe.skipIf(atls === undefined)("contrast evidence verify with extension values", () => {
  test.each([
    ["snp-milan-v2-a-chain.pb", [], "2025-01-01"],
    ["snp-genoa-v3-chain.pb", [], "2025-06-01"],
    ["tdx-v4-a.pb", [], "2025-06-01"],
    ["tdx-v4-b.pb", [], "2025-06-01"],
    ["snp-milan-v2-a-nochain.pb", ["--certs", snpFile("milan-v2-a.vcek.der")], "2025-01-01"],
  ] as const)("finds %s genuine", async (name, more, at) => {
    const answer = await verifyEvidence(join(atls ?? "", name), ...more, ...BARE, "--at", at);
    expect([answer.status, answer.outcome]).toEqual([0, "accepted"]);
  });

  test("could not check evidence without VCEK", async () => {
    const answer = await verifyEvidence(join(atls ?? "", "snp-milan-v2-a-nochain.pb"), ...BARE, "--at", "2025-01-01");
    expect([answer.status, answer.outcome]).toEqual([6, "unknown"]);
  });
});

describe.skipIf(snp === undefined || tdx === undefined)("contrast evidence show with the vectors", () => {
  test.each(["milan-v2-a", "milan-v2-b", "milan-v3-vlek", "genoa-v3", "milan-v3"])(
    "shows the fields of %s",
    async (name) => {
      const { status, stdout } = await runBinary(["evidence", "show", snpFile(`${name}.report.bin`)]);
      const all = JSON.parse(readFileSync(snpFile("expected-fields.json"), "utf8")) as Record<string, SnpFields>;
      expect(status).toBe(0);
      expect(stdout).toContain(all[name]!.measurement);
      expect(stdout).toContain("Nothing of this was verified");
    },
  );

  test.each(["v4-a", "v4-b", "v4-c", "v4-d", "v5-a"])("shows the fields of %s", async (name) => {
    const { status, stdout } = await runBinary(["evidence", "show", tdxFile(`${name}.quote.bin`), "--format", "json"]);
    const all = JSON.parse(readFileSync(tdxFile("expected-fields.json"), "utf8")) as Record<string, { body: TdxBody }>;
    expect(status).toBe(0);
    expect(stdout).toContain(all[name]!.body.mrTd);
    expect(JSON.parse(stdout)).toMatchObject({ schema: "contrast/evidence-show/v1", verified: false, tee: "tdx" });
  });
});

function shifted(day: string, days: number): string {
  return new Date(new Date(day).getTime() + days * 86_400_000).toISOString().slice(0, 10);
}
