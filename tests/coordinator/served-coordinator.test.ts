import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { parsePresentedEvidence } from "../../src/attestation/parse-presented-evidence.ts";
import type { EvidenceValidator } from "../../src/attestation/validator.ts";
import { concludeVerdict } from "../../src/attestation/verdict.ts";
import type { CoordinatorSession } from "../../src/rpc/coordinator-session.ts";
import { dialCoordinator } from "../../src/rpc/dial-coordinator.ts";
import { dialMeshApi, type MeshSession } from "../../src/rpc/dial-mesh-api.ts";
import { attestedDeployment, type AttestedDeployment } from "../fakes/attested-deployment.ts";
import { callCommand } from "../fakes/call-command.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { deploymentIo } from "../fakes/running-coordinator.ts";
import { issuerOf, useServedCoordinators } from "../fakes/served-coordinator.ts";

const serve = useServedCoordinators();
const DONE = "no error, returned undefined";

async function run(deployment: AttestedDeployment, command: string, address: string): Promise<string> {
  const { directory, path, trustFlags } = deployment;
  const paths = command === "set" ? [path("resources")] : [];
  const words = [command, "-c", address, "--workspace-dir", directory, ...trustFlags, ...paths];
  return await codeOfAsync(() => callCommand(words, deploymentIo(deployment)));
}

describe("startCoordinator()", () => {
  test.each(["snp", "tdx"] as const)("lives through set, verify, restart and recover on %s", async (tee) => {
    const deployment = attestedDeployment(tee);
    const first = await serve(deployment);
    expect(await run(deployment, "verify", first.address)).toBe("rpc/no-manifest");
    expect(await run(deployment, "set", first.address)).toBe(DONE);
    expect(await run(deployment, "verify", first.address)).toBe(DONE);
    expect(await run(deployment, "recover", first.address)).toBe("rpc/already-recovered");
    const meshCa = readFileSync(deployment.path("mesh-ca.pem"), "utf8");
    await first.stop(0);
    const second = await serve(deployment, first.disk);
    expect(await run(deployment, "set", second.address)).toBe("rpc/recovery-needed");
    expect(await run(deployment, "verify", second.address)).toBe("rpc/recovery-needed");
    expect(await run(deployment, "recover", second.address)).toBe(DONE);
    expect(await run(deployment, "verify", second.address)).toBe(DONE);
    expect(readFileSync(deployment.path("verify/mesh-ca.pem"), "utf8")).not.toBe(meshCa);
    expect(await run(deployment, "set", second.address)).toBe(DONE);
  });

  test("certifies nobody on a connection from before another manifest was set", async () => {
    const deployment = attestedDeployment();
    const { ports, address } = await serve(deployment);
    const meshEndpoint = { host: "127.0.0.1", port: ports.meshApi };
    expect(await codeOfAsync(async () => await (await dialMesh(deployment, meshEndpoint)).newMeshCert())).not.toBe(
      DONE,
    );
    await run(deployment, "set", address);
    const meshCa = (): string => readFileSync(deployment.path("mesh-ca.pem"), "utf8");
    const before = meshCa();
    const early = await dialMesh(deployment, meshEndpoint);
    expect(Buffer.from((await early.newMeshCert()).meshCaPem).toString()).toBe(before);
    deployment.changeManifest((manifest) => manifest.WorkloadOwnerKeyDigests?.push("00".repeat(32)));
    expect(await run(deployment, "set", address)).toBe(DONE);
    expect(meshCa()).not.toBe(before);
    expect(await codeOfAsync(() => early.newMeshCert())).toBe("rpc/unavailable");
    early.close();
    const late = await dialMesh(deployment, meshEndpoint);
    expect(Buffer.from((await late.newMeshCert()).meshCaPem).toString()).toBe(meshCa());
    late.close();
  });

  test("counts workloads that could not be checked apart from those that were found bad", async () => {
    const deployment = attestedDeployment();
    const without = (kind: string) => deployment.collateral.filter(({ need }) => need.kind !== kind);
    const { address, ports, metrics } = await serve({ ...deployment, collateral: without("intel-tcb-info") });
    expect(await run(deployment, "set", address)).toBe(DONE);
    const counts = async (): Promise<string> => {
      const { text } = await metrics.scrape();
      const count = (name: string) =>
        new RegExp(`^contrast_meshapi_attestation_${name}_total (.*)$`, "m").exec(text)?.[1];
      return `${count("failures")} ${count("unchecked")}`;
    };
    const ask = async (other: AttestedDeployment): Promise<string> =>
      await codeOfAsync(async () => {
        const session = await dialMesh(other, { host: "127.0.0.1", port: ports.meshApi });
        await session.newMeshCert().finally(session.close);
      });
    expect(await ask(deployment)).toBe("rpc/client-refused");
    expect(await counts()).toBe("1 1");
    const replayed = { ...deployment, evidence: () => deployment.evidence(new Uint8Array(64)) };
    expect(await ask(replayed)).toBe("rpc/client-refused");
    expect(await counts()).toBe("2 1");
  });

  test("compares the transition that a client sends", async () => {
    const deployment = attestedDeployment();
    const { ports } = await serve(deployment);
    const session = await dialUser(deployment, ports.userApi);
    const set = async (previous: Uint8Array): Promise<string> =>
      await codeOfAsync(() => session.setManifest(deployment.manifest(), deployment.policies, previous));
    expect(await set(new Uint8Array(32).fill(1))).toBe("rpc/changed-concurrently");
    expect(await set(new Uint8Array(31))).toBe("rpc/manifest-refused");
    expect(await set(new Uint8Array(32))).toBe("no error, returned object");
    session.close();
  });

  test("makes one chain of what 64 clients set at once", async () => {
    const deployment = attestedDeployment();
    const { address, ports } = await serve(deployment);
    expect(await run(deployment, "set", address)).toBe(DONE);
    const sessions = await Promise.all(
      Array.from({ length: 64 }, () => dialUser(deployment, ports.userApi, deployment.workloadOwner)),
    );
    const manifest = Buffer.from(deployment.manifest());
    const codes = await Promise.all(
      sessions.map((session, index) => {
        const own = new Uint8Array(Buffer.concat([manifest, Buffer.alloc(index, " ")]));
        return codeOfAsync(() => session.setManifest(own, deployment.policies));
      }),
    );
    const won = codes.filter((code) => code === "no error, returned object");
    expect(codes.filter((code) => code === "rpc/changed-concurrently")).toHaveLength(64 - won.length);
    expect(won.length).toBeGreaterThan(0);
    const history = await sessions[0]?.getManifests();
    expect(history?.manifests).toHaveLength(1 + won.length);
    for (const session of sessions) session.close();
  });
});

async function dialUser({ now }: AttestedDeployment, port: number, clientKey?: KeyObject): Promise<CoordinatorSession> {
  const signal = new AbortController().signal;
  return await dialCoordinator({ host: "127.0.0.1", port }, { clientKey, validate: acceptAnything, now, signal });
}

async function dialMesh(
  deployment: AttestedDeployment,
  endpoint: { host: string; port: number },
): Promise<MeshSession> {
  return await dialMeshApi(endpoint, {
    key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
    issuer: issuerOf(deployment),
    validate: undefined,
    now: deployment.now,
    signal: new AbortController().signal,
    timeoutMs: 5000,
    callTimeoutMs: 5000,
  });
}

const acceptAnything: EvidenceValidator = async (presented) => {
  const check = { id: "test", subject: "Test", outcome: "passed" } as const;
  return concludeVerdict(parsePresentedEvidence(presented), [{ name: "request", checks: [check] }], undefined);
};
