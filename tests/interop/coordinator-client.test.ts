import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { generateKeyPair, hash } from "node:crypto";
import { promisify } from "node:util";
import type { SimulatedPlatform } from "../../src/simulator/simulated-machine.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { useCompiledCoordinators } from "./coordinator-client/compiled-coordinator.ts";
import { type MeshCall, useGoClient } from "./coordinator-client/go-client.ts";
import { DATABASE_POLICY, sampleManifest, setRequest, WEB_POLICY } from "./coordinator-client/sample-manifest.ts";
import { trustMachine, useSimulatedWorld } from "./coordinator-client/simulated-world.ts";

// Programs are compiled first, and all of them share two processors in CI.
setDefaultTimeout(60_000);

/** How many facts about a workload its certificate tells, for either kind of hardware; coordinator.md 8.3. */
const CLAIMS = 46;

const VALID = { underMesh: "", underRoot: "" };

describe.if(hasPrograms("the Coordinator against a client in Go", "go"))("contrast coordinator", () => {
  // As long as those that the command line makes, which takes a second: one is enough, and made beside other things.
  let seedOwnerKey: Promise<Buffer>;
  beforeAll(() => {
    seedOwnerKey = rsaKey(4096);
  });
  const client = useGoClient();
  const start = useCompiledCoordinators();
  const worlds: Record<SimulatedPlatform, ReturnType<typeof useSimulatedWorld>> = {
    "snp-milan": useSimulatedWorld("snp-milan"),
    "snp-genoa": useSimulatedWorld("snp-genoa"),
    tdx: useSimulatedWorld("tdx"),
  };

  test.each(["snp-milan", "snp-genoa", "tdx"] as const)(
    "on %s is attested by the libraries of Google, keeps manifests, certifies workloads, and is recovered",
    async (platform) => {
      const world = worlds[platform]();
      const go = client();
      const trust = await trustMachine(go, world);
      const owner = await go.ask<{ digest: string }>("key", { name: `${platform}-owner`, kind: "p384" });
      const rsa = (await seedOwnerKey).toString("base64");
      const seedOwner = await go.ask<{ publicKey: string }>("key", { name: `${platform}-seed`, rsa });
      const first = sampleManifest(world, { digests: [owner.digest], seedShareKeys: [seedOwner.publicKey] });
      const coordinator = await start(world);
      const asOwner = { address: coordinator.address, trust, key: `${platform}-owner` };

      const set = await go.call({ ...asOwner, method: "SetManifest", request: setRequest(first) });
      expect([set.code, set.message]).toEqual(["OK", ""]);
      expect(set.response.seedShares).toMatchObject([{ publicKey: seedOwner.publicKey }]);
      const second = { ...first, WorkloadOwnerKeyDigests: [owner.digest, "00".repeat(32)] };
      const update = await go.call({ ...asOwner, method: "SetManifest", request: setRequest(second) });
      expect(update).toMatchObject({ code: "OK", response: {} });
      expect(update.response.seedShares).toBeUndefined();
      expect(update.response.meshCa).not.toBe(set.response.meshCa!);

      const other = await trustMachine(go, world, {
        name: `${platform} under another policy`,
        policyHash: "12".repeat(32),
      });
      const refused = await go.call({ address: coordinator.address, trust: other, method: "GetManifests" });
      expect(refused).toMatchObject({
        code: "Unavailable",
        message: expect.stringContaining("authentication handshake failed"),
      });
      const history = await go.call({ address: coordinator.address, trust, method: "GetManifests" });
      expect(history.response.manifests).toEqual([setRequest(first).manifest!, setRequest(second).manifest!]);
      expect(history.response.policies!.toSorted()).toEqual(setRequest(first).policies!.toSorted());
      expect(history.response.meshCa).toBe(update.response.meshCa!);
      expect(history.response.transition).toBe(transitionHash([first, second]));

      const workload = async (name: string, members: Partial<MeshCall> & Pick<MeshCall, "address" | "evidence">) => {
        const answer = await go.mesh({ name: `${platform}-${name}`, ...members });
        expect([answer.code, answer.message]).toEqual(["OK", ""]);
        return answer;
      };
      const address = coordinator.meshAddress;
      // Clients of 2024 sent a field that nobody reads any more.
      const web = await workload("web", { address, evidence: world.evidence(WEB_POLICY), raw: btoa("\x0a\x02ab") });
      const evidence = world.evidence(DATABASE_POLICY);
      const database = await workload("database", { address, evidence, tls: "1.2", keyKind: "p384" });
      expect([web.meshCa, web.rootCa]).toEqual([atob(update.response.meshCa!), atob(update.response.rootCa!)]);
      expect([atob(web.workloadSecret!).length, database.workloadSecret]).toEqual([64, null]);
      expect(await go.ask<object>("verify", { name: `${platform}-web`, dnsName: "web.default" })).toMatchObject({
        ...VALID,
        commonName: "web",
        dnsNames: ["web", "web.default"],
        addresses: ["192.0.2.1"],
        sameMeshKey: true,
        claims: CLAIMS,
      });
      for (const tls of ["1.2", "1.3"])
        for (const underRoot of [false, true]) {
          const ends = {
            server: `${platform}-database`,
            client: `${platform}-web`,
            dnsName: "database",
            tls,
            underRoot,
          };
          const seen = { seenByServer: "web", seenByClient: "database", error: "" };
          expect(await go.ask<object>("mutual", ends)).toMatchObject(seen);
        }

      expect(await coordinator.stop()).toBe(0);
      const restarted = await start(world, coordinator.state);
      const { seed } = await go.ask<{ seed: string }>("open-share", {
        key: `${platform}-seed`,
        share: set.response.seedShares![0]!.encryptedSeed,
      });
      const recovery = { method: "Recover", request: { seed, salt: set.response.salt! }, address: restarted.address };
      expect(await go.call({ ...recovery, trust, key: `${platform}-seed` })).toMatchObject({ code: "OK", message: "" });
      const again = await workload("web-again", {
        address: restarted.meshAddress,
        evidence: world.evidence(WEB_POLICY),
        keyKind: "ed25519",
      });
      expect(again.workloadSecret).toBe(web.workloadSecret);
      expect(again.meshCa).not.toBe(web.meshCa);
      const renewed = { name: `${platform}-web`, trustOf: `${platform}-web-again` };
      expect(await go.ask<object>("verify", renewed)).toMatchObject({
        underMesh: expect.stringContaining("certificate signed by unknown authority"),
        underRoot: "",
        sameMeshKey: false,
      });
      expect(await restarted.stop()).toBe(0);
    },
  );
});

/** A private key in PKCS #1 DER. */
async function rsaKey(modulusLength: number): Promise<Buffer> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength });
  return privateKey.export({ type: "pkcs1", format: "der" });
}

/** Hash of the newest of the transitions to these manifests, in base64. */
function transitionHash(manifests: readonly object[]): string {
  const sha256 = (bytes: string | Uint8Array): Buffer => hash("sha256", bytes, "buffer");
  let previous: Buffer = Buffer.alloc(32);
  for (const manifest of manifests) previous = sha256(Buffer.concat([sha256(JSON.stringify(manifest)), previous]));
  return previous.toString("base64");
}
