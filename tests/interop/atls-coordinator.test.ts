import { spawnSync } from "node:child_process";
import { describe, expect, test } from "bun:test";
import { createHash, generateKeyPairSync } from "node:crypto";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import type { AttestedDeployment } from "../fakes/attested-deployment.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { deploymentFor } from "./atls-coordinator/attested-by-go.ts";
import { type GoCoordinator, type Scenario, useGoCoordinators } from "./atls-coordinator/go-coordinator.ts";
import { runContrast, type Told } from "./atls-coordinator/run-contrast.ts";

/** Hardware, forms of the nonce, TLS and names of the services that peers of different versions have. */
const PEERS: readonly Scenario[] = [
  { tee: "snp" },
  { tee: "snp", chain: "google-refined" },
  { tee: "snp", evidence: "fine-fetched-vcek", tls: "1.2", nonce: "sni" },
  { tee: "snp", services: "legacy" },
  { tee: "tdx", services: "current" },
  { tee: "tdx", nonce: "alpn" },
];

describe.if(hasPrograms("a Coordinator in Go", "go"))("contrast against a Coordinator in Go", () => {
  const coordinators = useGoCoordinators();

  async function started(scenario: Scenario): Promise<Peer> {
    const coordinator = await coordinators().start(scenario);
    const deployment = deploymentFor(coordinators(), scenario.tee, scenario.chain);
    return { coordinator, deployment, run: async (...words) => await runContrast(deployment, coordinator, words) };
  }

  test("is tested against what the libraries of Google judge as it should be judged", () => {
    const { status, stderr } = spawnSync(coordinators().program, ["-selftest", "-folder", temporaryDirectory()]);
    expect(status === 0 ? "" : stderr.toString()).toBe("");
  }, 60_000);

  test.each(PEERS.map((scenario) => [JSON.stringify(scenario), scenario] as const))(
    "sets, updates, verifies and recovers %s",
    async (_name, scenario) => {
      const { coordinator, deployment, run } = await started(scenario);
      const first = deployment.manifest();
      expect(await run("set", "resources")).toMatchObject({ status: 0, json: { seedSharesReceived: true } });
      deployment.changeManifest((manifest) => manifest.WorkloadOwnerKeyDigests?.push("00".repeat(32)));
      expect(await run("set", "resources")).toMatchObject({ status: 0, json: { seedSharesReceived: false } });
      expect(await run("verify")).toMatchObject({ status: 0, json: { ok: true, insecure: true } });
      const files = deployment.files();
      expect(files["verify/manifest.0.json"]).toBe(Buffer.from(first).toString("latin1"));
      expect(files["verify/manifest.1.json"]).toBe(Buffer.from(deployment.manifest()).toString("latin1"));
      expect(files["verify/mesh-ca.pem"]).toBe(files["mesh-ca.pem"]!);
      for (const policy of deployment.policies) {
        const hash = createHash("sha256").update(policy).digest("hex");
        expect(files[`verify/policy.${hash}.rego`]).toBe(Buffer.from(policy).toString("latin1"));
      }
      await coordinators().restart(coordinator);
      expect(await run("verify")).toMatchObject({ status: 8, code: "rpc/recovery-needed" });
      expect(await run("set", "resources")).toMatchObject({ status: 8, code: "rpc/recovery-needed" });
      expect(deployment.files()).toEqual(files);
      expect(await run("recover", "--dry-run")).toMatchObject({ status: 0 });
      expect(await run("recover")).toMatchObject({ status: 0 });
      expect(await run("recover")).toMatchObject({ status: 4, code: "rpc/already-recovered" });
      expect(await run("verify")).toMatchObject({ status: 0 });
      expect(deployment.files()["verify/mesh-ca.pem"]).not.toBe(files["mesh-ca.pem"]!);
    },
    60_000,
  );

  test("is told that another manifest is active", async () => {
    const { deployment, run } = await started({ tee: "snp" });
    expect(await run("set", "resources")).toMatchObject({ status: 0 });
    deployment.changeManifest((manifest) => manifest.WorkloadOwnerKeyDigests?.push("00".repeat(32)));
    expect(await run("verify")).toMatchObject({ status: 4 });
  });

  test("may not set with another key, without one, or with other seed share owners", async () => {
    const { deployment, run } = await started({ tee: "tdx" });
    await run("set", "resources");
    const files = deployment.files();
    const own = files["workload-owner.pem"]!;
    const stranger = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
    writeFileSync(deployment.path("stranger.pem"), stranger.export({ type: "sec1", format: "pem" }));
    const denied = { status: 4, code: "rpc/permission-denied" };
    expect(await run("set", "--workload-owner-key", "stranger.pem", "resources")).toMatchObject(denied);
    expect(await run("set", "--workload-owner-key", "nothing.pem", "resources")).toMatchObject(denied);
    deployment.changeManifest((manifest) => {
      manifest.SeedshareOwnerPubKeys = null;
    });
    expect(await run("set", "resources")).toMatchObject(denied);
    const { "manifest.json": _manifest, "stranger.pem": _stranger, ...left } = deployment.files();
    const { "manifest.json": _before, ...earlier } = files;
    expect(left).toEqual({ ...earlier, "workload-owner.pem": own });
  });

  test("may not update a deployment without owners", async () => {
    const { deployment, run } = await started({ tee: "tdx" });
    deployment.changeManifest((manifest) => {
      manifest.WorkloadOwnerKeyDigests = null;
    });
    expect(await run("set", "resources")).toMatchObject({ status: 0 });
    expect(await run("set", "resources")).toMatchObject({ status: 4, code: "rpc/permission-denied" });
  });

  test("cannot recover one that holds nothing, or with the seed of another one", async () => {
    const [one, other] = [await started({ tee: "tdx" }), await started({ tee: "tdx" })];
    await one.run("set", "resources");
    copyFileSync(one.deployment.path("seed-shares.json"), other.deployment.path("seed-shares.json"));
    expect(await other.run("recover")).toMatchObject({ status: 4, code: "rpc/nothing-to-recover" });
    await other.run("set", "resources");
    copyFileSync(one.deployment.path("seed-shares.json"), other.deployment.path("seed-shares.json"));
    await coordinators().restart(other.coordinator);
    expect(await other.run("recover")).toMatchObject({ status: 7, code: "rpc/recovery-refused" });
    // Its own seed is kept beside.
    expect(readFileSync(other.deployment.path("seed-shares.json.bak"), "utf8")).toContain("SeedShares");
  });

  test.each(["set resources", "recover", "recover --dry-run"])(
    "refuses to %s where the evidence is bad",
    async (words) => {
      const good = await started({ tee: "snp" });
      await good.run("set", "resources");
      const files = good.deployment.files();
      const refusals = [
        [{ evidence: "debug-policy" }, { status: 3, code: "attestation/rejected", failed: ["policy.debug"] }],
        [{ evidence: "crl-unavailable" }, { status: 6, code: "attestation/unchecked" }],
        [{ trouble: "wrong-nonce" }, { status: 3, code: "attestation/rejected", failed: ["report-data"] }],
        [{ trouble: "no-extension" }, { status: 3, code: "atls/no-evidence" }],
      ] as const;
      for (const [fault, refusal] of refusals) {
        const bad = await coordinators().start({ tee: "snp", ...fault });
        expect(await runContrast(good.deployment, bad, words.split(" "))).toMatchObject(refusal);
      }
      expect(good.deployment.files()).toEqual(files);
    },
  );
});

interface Peer {
  readonly coordinator: GoCoordinator;
  readonly deployment: AttestedDeployment;
  readonly run: (...words: readonly string[]) => Promise<Told>;
}
