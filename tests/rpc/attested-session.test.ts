import { afterEach, describe, expect, test } from "bun:test";
import type { CollateralItem } from "../../src/attestation/collateral-need.ts";
import { createEvidenceValidator } from "../../src/attestation/evidence-validator.ts";
import type { SnpExpectations } from "../../src/attestation/snp/expectations.ts";
import type { TdxExpectations } from "../../src/attestation/tdx/expectations.ts";
import { insecureTrustRoots } from "../../src/attestation/trust-roots.ts";
import { EVIDENCE_OIDS, type EvidenceValidator } from "../../src/attestation/validator.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { dialCoordinator } from "../../src/rpc/dial-coordinator.ts";
import { amdChip, CHIP_MEASUREMENT, type EvidenceParts, type ReportFields } from "../fakes/amd-chip.ts";
import type { EvidenceMaker } from "../fakes/atls/atls-server.ts";
import { type FakeCoordinatorOptions, startFakeCoordinator } from "../fakes/coordinator-server.ts";
import { CoordinatorState } from "../fakes/coordinator-state.ts";
import { createIntelPlatform } from "../fakes/intel-platform.ts";

const NOW = new Date();
const HOST_DATA = new Uint8Array(32).fill(0x7a);
const OTHER = new Uint8Array(48).fill(0x0e);
const chip = amdChip();
const platform = createIntelPlatform({ now: NOW });
const roots = insecureTrustRoots(Buffer.from(`${chip.authority.rootsPem}\n${platform.rootPem}`), "roots of the test");
const crl = chip.authority.crl();

const SNP: SnpExpectations = {
  name: "snp-0-MILAN",
  source: "ReferenceValues.snp[0]",
  product: "Milan",
  measurement: CHIP_MEASUREMENT,
  minimumTcb: chip.tcb,
  guestPolicy: undefined,
  platformInfo: undefined,
  allowedChipIds: undefined,
  minimumMitigationVector: undefined,
};

const servers: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

function snp(fields: ReportFields = {}, parts: EvidenceParts = {}): EvidenceMaker {
  return (reportData) => ({
    oid: EVIDENCE_OIDS.snp,
    value: chip.attestation({ hostData: HOST_DATA, ...fields, reportData }, { leaf: chip.vcekDer, crl, ...parts }),
  });
}

const tdx: EvidenceMaker = (reportData) => ({ oid: EVIDENCE_OIDS.tdx, value: platform.attestation(reportData) });

/** Judges as the commands do, with `items` as the only collateral there is. */
function validator(
  references: { readonly snp?: readonly SnpExpectations[]; readonly tdx?: readonly TdxExpectations[] },
  items: readonly CollateralItem[] = [],
): EvidenceValidator {
  return createEvidenceValidator({
    gather: () =>
      Promise.resolve({
        answer: (need) => {
          const item = items.find((item) => JSON.stringify(item.need) === JSON.stringify(need));
          return item === undefined
            ? { found: false, reason: "not at hand", remedy: "fetch it" }
            : { found: true, item };
        },
      }),
    supplied: [],
    at: () => NOW,
    roots,
    revocation: "required",
    collateral: "required",
    snp: references.snp ?? [],
    tdx: references.tdx ?? [],
    hostData: HOST_DATA,
  });
}

/** What comes of a connection: `accepted`, or the code and all text of its error. */
async function outcome(evidence: EvidenceMaker, validate: EvidenceValidator, options: FakeCoordinatorOptions = {}) {
  const state = CoordinatorState.withManifest(new TextEncoder().encode("{}"));
  const server = await startFakeCoordinator({ evidence, state, ...options });
  servers.push(server);
  try {
    const signal = new AbortController().signal;
    const session = await dialCoordinator(server.endpoint, { clientKey: undefined, validate, now: () => NOW, signal });
    const { manifests } = await session.getManifests();
    session.close();
    return { code: manifests.length === 1 ? "accepted" : "no manifest", text: "" };
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    expect(server.calls).toEqual([]);
    return { code: error.code, text: error.report?.lines.join("\n") ?? "" };
  }
}

describe("dialCoordinator() with evidence of hardware", () => {
  test("accepts an SNP guest that meets the reference values", async () => {
    expect(await outcome(snp(), validator({ snp: [SNP] }))).toEqual({ code: "accepted", text: "" });
  });

  test("accepts an SNP guest that meets the second reference values only", async () => {
    const second = { ...SNP, name: "snp-1-MILAN", source: "ReferenceValues.snp[1]" };
    const validate = validator({ snp: [{ ...SNP, measurement: OTHER }, second] });
    expect((await outcome(snp(), validate)).code).toBe("accepted");
  });

  test("accepts an SNP guest whose endorsements come from elsewhere", async () => {
    const validate = validator({ snp: [SNP] }, chip.collateralItems());
    const bare = snp({}, { leaf: false });
    expect((await outcome(bare, validate)).code).toBe("accepted");
    expect((await outcome(bare, validator({ snp: [SNP] }))).code).toBe("attestation/unchecked");
  });

  test.each([
    ["another measurement", { measurement: OTHER }],
    ["another policy", { hostData: new Uint8Array(32) }],
    ["debugging allowed", { policy: 0x30000n | (1n << 19n) }],
    ["a lower privilege level", { vmpl: 1 }],
  ])("refuses an SNP guest with %s, and says so", async (_, fields: ReportFields) => {
    const { code, text } = await outcome(snp(fields), validator({ snp: [SNP] }));
    expect(code).toBe("attestation/rejected");
    expect(text).toContain("snp-0-MILAN");
  });

  test.each(["wrong-nonce", "other-key"] as const)("refuses genuine evidence with %s", async (trouble) => {
    const { code, text } = await outcome(snp(), validator({ snp: [SNP] }), { trouble });
    expect(code).toBe("attestation/rejected");
    expect(text).toContain("REPORT_DATA");
  });

  test.each([
    ["SNP", "TDX", snp(), { tdx: [tdxExpectations()] }],
    ["TDX", "SNP", tdx, { snp: [SNP] }],
  ] as const)("refuses %s evidence for a manifest with %s only", async (_, __, evidence, references) => {
    const { code, text } = await outcome(evidence, validator(references));
    expect(code).toBe("attestation/rejected");
    expect(text).toContain("attestation/no-reference-values");
  });

  test("refuses what claims to be evidence and is none", async () => {
    const noise: EvidenceMaker = (value) => ({ oid: EVIDENCE_OIDS.snp, value });
    expect((await outcome(noise, validator({ snp: [SNP] }))).code).toBe("attestation/rejected");
  });
});

function tdxExpectations(): TdxExpectations {
  return {
    name: "tdx-0",
    source: "ReferenceValues.tdx[0]",
    mrTd: OTHER,
    rtmrsKey: "Rtrms",
    rtmrs: [OTHER, OTHER, OTHER, OTHER],
    mrSeam: OTHER,
    minimumTeeTcbSvn: new Uint8Array(16),
    tdAttributes: new Uint8Array(8),
    xfam: new Uint8Array(8),
    minimumQeSvn: 0,
    minimumPceSvn: 0,
  };
}
