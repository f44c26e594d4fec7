import { describe, expect, test } from "bun:test";
import { mapPool } from "../../src/lib/pool.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { deploymentFor } from "./atls-coordinator/attested-by-go.ts";
import { useGoCoordinators } from "./atls-coordinator/go-coordinator.ts";
import { type Refusal, SNP_REFUSALS, TDX_REFUSALS } from "./atls-coordinator/refusals.ts";
import { runContrast, type Told } from "./atls-coordinator/run-contrast.ts";

const REFUSALS = { snp: SNP_REFUSALS, tdx: TDX_REFUSALS };
const CODES = { 3: "attestation/rejected", 6: "attestation/unchecked" } as const;

/** Nobody has set a manifest at these Coordinators; to be told so, the evidence must have been accepted. */
const ACCEPTED = "rpc/no-manifest";

describe.if(hasPrograms("evidence of a Coordinator in Go", "go"))("contrast verify", () => {
  const coordinators = useGoCoordinators();

  describe.each(["snp", "tdx"] as const)("of %s evidence made in Go", (tee) => {
    test("accepts and refuses each by the right check, and leaves earlier files alone", async () => {
      const deployment = deploymentFor(coordinators(), tee);
      const before = deployment.files();
      const names = coordinators().evidence[tee];
      const answers = await mapPool(names, 3, async (evidence) => {
        const coordinator = await coordinators().start({ tee, evidence });
        return await runContrast(deployment, coordinator, ["verify"]);
      });
      const refusals = REFUSALS[tee];
      const seen = names.map((name, index) => [name, summary(refusals[name], answers[index]!)]);
      const wanted = names.map((name) => [name, refusals[name] === undefined ? ACCEPTED : expected(refusals[name])]);
      expect(seen).toEqual(wanted);
      expect(Object.keys(refusals).toSorted()).toEqual(names.filter(isFault).toSorted());
      expect(deployment.files()).toEqual(before);
    }, 120_000);
  });

  test("takes all collateral of TDX from one file", async () => {
    const deployment = deploymentFor(coordinators(), "tdx");
    const offline = ["--offline", "--insecure-trust-roots", "roots.pem"];
    const coordinator = await coordinators().start({ tee: "tdx" });
    const file = coordinator.collateral ?? "";
    expect(await runContrast(deployment, coordinator, ["verify", "--collateral", file], offline)).toMatchObject({
      code: ACCEPTED,
    });
    expect(await runContrast(deployment, coordinator, ["verify"], offline)).toMatchObject({ status: 6 });
  });

  test("needs nothing but the evidence of later versions on SNP", async () => {
    const deployment = deploymentFor(coordinators(), "snp");
    const offline = ["--offline", "--insecure-trust-roots", "roots.pem"];
    const complete = await coordinators().start({ tee: "snp", evidence: "fine-all-in-evidence" });
    expect(await runContrast(deployment, complete, ["verify"], offline)).toMatchObject({ code: ACCEPTED });
    const bare = await coordinators().start({ tee: "snp", evidence: "fine-fetched-vcek" });
    expect(await runContrast(deployment, bare, ["verify"], offline)).toMatchObject({ status: 6 });
  });

  test("trusts none of it without the flag", async () => {
    const deployment = deploymentFor(coordinators(), "snp");
    const coordinator = await coordinators().start({ tee: "snp", evidence: "fine-all-in-evidence" });
    expect(await runContrast(deployment, coordinator, ["verify"], ["--offline"])).toMatchObject({
      status: 3,
      code: "attestation/rejected",
    });
  });

  test.each([
    ["snp", "tdx"],
    ["tdx", "snp"],
  ] as const)("refuses %s evidence for a manifest of %s alone", async (tee, trusted) => {
    const coordinator = await coordinators().start({ tee });
    const deployment = deploymentFor(coordinators(), trusted);
    const told = await runContrast(deployment, coordinator, ["verify"]);
    expect(told).toMatchObject({ status: 3, code: "attestation/rejected", failed: ["hardware"] });
  });

  test.each(["snp", "tdx", "both"] as const)("finds what a manifest of %s trusts among two kinds", async (trusted) => {
    const coordinator = await coordinators().start({ tee: "both" });
    const deployment = deploymentFor(coordinators(), trusted);
    expect(await runContrast(deployment, coordinator, ["verify"])).toMatchObject({ code: ACCEPTED });
  });

  test("accepts the second of two reference values", async () => {
    const coordinator = await coordinators().start({ tee: "snp" });
    const deployment = deploymentFor(coordinators(), "snp");
    deployment.changeManifest(({ ReferenceValues: values }) => {
      values.snp?.unshift({ ...values.snp[0], TrustedMeasurement: "ab".repeat(48) });
    });
    expect(await runContrast(deployment, coordinator, ["verify"])).toMatchObject({ code: ACCEPTED });
    deployment.changeManifest(({ ReferenceValues: values }) => {
      values.snp?.pop();
    });
    expect(await runContrast(deployment, coordinator, ["verify"])).toMatchObject({
      status: 3,
      failed: ["measurement"],
    });
  });

  test("refuses the names that go-sev-guest gives its own test certificates", async () => {
    // Its library accepts them: it does not look at attributes that AMD does not write.
    const coordinator = await coordinators().start({ tee: "snp", chain: "google" });
    const deployment = deploymentFor(coordinators(), "snp", "google");
    expect(await runContrast(deployment, coordinator, ["verify"])).toMatchObject({
      status: 3,
      failed: ["certificate.issuer", "certificate.subject"],
    });
  });
});

function isFault(name: string): boolean {
  return name !== "" && !name.startsWith("fine-");
}

function expected({ status, checks }: Refusal): object {
  return { status, code: CODES[status], checks };
}

/** An answer in the form in which the table states it. */
function summary(refusal: Refusal | undefined, { status, code, failed, unknown }: Told): unknown {
  if (refusal === undefined) return code;
  const checks = status === 6 ? unknown.filter((check) => refusal.checks.includes(check)) : failed;
  return { status, code, checks };
}
