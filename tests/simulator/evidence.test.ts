import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Evidence } from "../../src/attestation/evidence.ts";
import { embeddedTrustRoots } from "../../src/attestation/trust-roots.ts";
import type { PresentedEvidence } from "../../src/attestation/validator.ts";
import type { Verdict } from "../../src/attestation/verdict.ts";
import { createMachine } from "../../src/simulator/machine.ts";
import { SIMULATED_PLATFORMS, type SimulatedMachine } from "../../src/simulator/simulated-machine.ts";
import { startVendorService, type VendorService } from "../../src/simulator/vendor-service.ts";
import { codeOf, codeOfAsync } from "../fakes/error-code.ts";
import { MACHINE_TIME, testMachine, validatorOf, type Verifier } from "../fakes/simulated-machines.ts";

const POLICY_HASH = new Uint8Array(32).fill(0x9a);
const REPORT_DATA = new Uint8Array(64).fill(0x5d);
const OTHER_DIGEST = new Uint8Array(48).fill(0x0e);
const now = (): Date => MACHINE_TIME;
const { signal } = new AbortController();

function failuresOf(verdict: Verdict<Evidence>): readonly string[] {
  const groups = [...verdict.required, ...(verdict.alternatives ?? [])];
  return groups.flatMap(({ checks }) => checks.filter(({ outcome }) => outcome === "failed").map(({ id }) => id));
}

describe.each(SIMULATED_PLATFORMS)("createMachine() for %s", (platform) => {
  let machine: SimulatedMachine;
  let service: VendorService;
  beforeAll(async () => {
    machine = await testMachine(platform);
    service = await startVendorService({ machine, now });
  });
  afterAll(() => service.stop());

  const evidenceOf = (guest = {}): Promise<PresentedEvidence> =>
    machine.issuer({ policyHash: POLICY_HASH, ...guest }, now).issue(REPORT_DATA, signal);
  const judge = async (evidence: PresentedEvidence, changes: Partial<Verifier> = {}): Promise<Verdict<Evidence>> =>
    await validatorOf({ machine, service, now, ...changes })(evidence, REPORT_DATA, signal);

  test("makes evidence that the product accepts under its roots, with collateral from its service", async () => {
    const verdict = await judge(await evidenceOf());
    expect(failuresOf(verdict)).toEqual([]);
    expect(verdict.outcome).toBe("accepted");
  });

  test("puts the policy hash and the report data where verifiers look for them", async () => {
    const verdict = await judge(await evidenceOf());
    if (verdict.outcome !== "accepted") throw new Error(verdict.outcome);
    const { value } = verdict.evidence;
    if (value.tee === "snp") {
      const { hostData, reportData, version } = value.snp.report;
      expect({ hostData, reportData, version }).toEqual({ hostData: POLICY_HASH, reportData: REPORT_DATA, version: 3 });
    } else {
      const { body } = value.tdx.quote;
      expect(body.mrConfigId).toEqual(Uint8Array.from([...POLICY_HASH, ...new Uint8Array(16)]));
      expect(body.reportData).toEqual(REPORT_DATA);
    }
  });

  test("makes evidence that no embedded root vouches for", async () => {
    const roots = embeddedTrustRoots();
    const { outcome, required } = await judge(await evidenceOf({ endorsements: true }), { roots });
    expect(outcome).toBe("rejected");
    const authenticity = required.find(({ name }) => name === "authenticity");
    expect(authenticity?.checks.some((check) => check.outcome === "failed")).toBe(true);
    // What the service has is no collateral under these roots, so that nothing vouches for bare evidence.
    expect((await judge(await evidenceOf(), { roots })).outcome).not.toBe("accepted");
  });

  test("makes evidence about another launch digest, which only a manifest that names it accepts", async () => {
    const evidence = await evidenceOf({ launchDigest: OTHER_DIGEST });
    expect((await judge(evidence)).outcome).toBe("rejected");
    const verdict = await judge(evidence, { referenceValues: machine.referenceValues(OTHER_DIGEST) });
    expect(verdict.outcome).toBe("accepted");
  });

  test("refuses guests and report data that do not fit their fields", async () => {
    const hash = new Uint8Array(31);
    expect(codeOf(() => machine.issuer({ policyHash: hash }, now))).toBe("simulator/guest-invalid");
    const digest = OTHER_DIGEST;
    for (const measured of [
      { launchDigest: hash },
      { rtmrs: [digest, digest, digest] },
      { rtmrs: [digest, digest, digest, hash] },
    ]) {
      const guest = { policyHash: POLICY_HASH, ...measured };
      expect(codeOf(() => machine.issuer(guest, now))).toBe("simulator/guest-invalid");
    }
    const issuer = machine.issuer({ policyHash: POLICY_HASH }, now);
    expect(await codeOfAsync(() => issuer.issue(hash, signal))).toBe("lib/internal");
    expect(await codeOfAsync(() => issuer.issue(REPORT_DATA, AbortSignal.abort()))).toBe("lib/interrupted");
  });

  test("makes machines that do not trust each other, although their names are the same", async () => {
    const other = await createMachine(platform, MACHINE_TIME, { rsaBits: 2048 });
    expect(other.rootFingerprint).not.toBe(machine.rootFingerprint);
    const evidence = await evidenceOf({ endorsements: true });
    const otherService = await startVendorService({ machine: other, now });
    const verdict = await judge(evidence, { machine: other, service: otherService });
    await otherService.stop();
    expect(verdict.outcome).not.toBe("accepted");
  });
});

describe("createMachine() for an SNP platform", () => {
  test("adds what is known about its key to evidence if asked, so that nothing need be fetched", async () => {
    const machine = await testMachine("snp-milan");
    const service = await startVendorService({ machine, now });
    const validate = validatorOf({ machine, service, now });
    await service.stop();
    const evidenceOf = (endorsements: boolean): Promise<PresentedEvidence> =>
      machine.issuer({ policyHash: POLICY_HASH, endorsements }, now).issue(REPORT_DATA, signal);
    expect((await validate(await evidenceOf(true), REPORT_DATA, signal)).outcome).toBe("accepted");
    expect((await validate(await evidenceOf(false), REPORT_DATA, signal)).outcome).toBe("unknown");
  });

  test("carries a revocation list that stays valid while time passes", async () => {
    const machine = await testMachine("snp-milan");
    let time = MACHINE_TIME;
    const clock = (): Date => time;
    const issuer = machine.issuer({ policyHash: POLICY_HASH, endorsements: true }, clock);
    await issuer.issue(REPORT_DATA, signal);
    const service = await startVendorService({ machine, now: clock });
    const validate = validatorOf({ machine, service, now: clock });
    await service.stop();
    for (const days of [13, 28, 100]) {
      time = new Date(MACHINE_TIME.getTime() + days * 86_400_000);
      expect((await validate(await issuer.issue(REPORT_DATA, signal), REPORT_DATA, signal)).outcome).toBe("accepted");
    }
  });
});
