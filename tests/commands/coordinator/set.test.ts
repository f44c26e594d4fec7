import { describe, expect, test } from "bun:test";
import { constants, createHash, privateDecrypt } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { ProblemsError } from "../../../src/lib/problems.ts";
import { attestedDeployment, type AttestedDeployment } from "../../fakes/attested-deployment.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { CoordinatorState } from "../../fakes/coordinator-state.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { connectionsEnded, deploymentIo, useCoordinators } from "../../fakes/running-coordinator.ts";

const coordinatorOf = useCoordinators();

function wordsOf(deployment: AttestedDeployment, address: string, more: readonly string[] = []): readonly string[] {
  const { directory, path, trustFlags } = deployment;
  return ["set", "-c", address, "--workspace-dir", directory, ...trustFlags, ...more, path("resources")];
}

describe("contrast set", () => {
  test.each(["success", "failure"])("ends its connection after %s", async (outcome) => {
    const deployment = attestedDeployment();
    const state = outcome === "failure" ? deployment.setState() : new CoordinatorState();
    if (outcome === "failure") state.restart();
    const server = await coordinatorOf(deployment, { state });
    await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)));
    await connectionsEnded(server);
    expect(server.calls.length).toBe(1);
  });

  test.each(["snp", "tdx"] as const)(
    "sets the first manifest on %s and writes certificates and seed shares",
    async (tee) => {
      const deployment = attestedDeployment(tee);
      const server = await coordinatorOf(deployment);
      const io = deploymentIo(deployment);
      await callCommand(wordsOf(deployment, server.address), io);
      expect(io.printed).toEqual([
        "✔️ Connected to coordinator",
        "✔️ Manifest set successfully",
        "✔️ Seed shares received",
      ]);
      expect(server.state.manifests.map((bytes) => Buffer.from(bytes).toString())).toEqual([
        Buffer.from(deployment.manifest()).toString(),
      ]);
      const files = deployment.files();
      expect(files["coordinator-root-ca.pem"]).toBe(Buffer.from(server.state.rootCaPem).toString("latin1"));
      expect(files["mesh-ca.pem"]).toBe(Buffer.from(server.state.meshCaPem).toString("latin1"));
      expect(statSync(deployment.path("seed-shares.json")).mode & 0o777).toBe(0o600);
      const shares = JSON.parse(files["seed-shares.json"]!);
      const oaep = {
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: "sha256",
        oaepLabel: Buffer.from("seedshare"),
      };
      const seed = privateDecrypt(
        { key: deployment.shareOwner, ...oaep },
        Buffer.from(shares.SeedShares[0].EncryptedSeed, "base64"),
      );
      expect(seed.toString("hex")).toBe(Buffer.from(server.state.seed).toString("hex"));
      expect(Object.keys(files).filter((name) => name.includes(".tmp"))).toEqual([]);
      expect(io.told.some((line) => line.startsWith("WARNING: the roots in"))).toBe(true);
    },
  );

  test("updates without touching seed shares and tells what to restart", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    writeFileSync(deployment.path("seed-shares.json"), "mine");
    deployment.changeManifest((manifest) => {
      manifest.WorkloadOwnerKeyDigests?.push("00".repeat(32));
    });
    const io = deploymentIo(deployment);
    await callCommand(wordsOf(deployment, server.address), io);
    expect(io.printed).toEqual([
      "✔️ Connected to coordinator",
      "✔️ Manifest set successfully",
      "  Restart to get certificates of the new mesh CA: deployment/web -n shop",
    ]);
    expect(readFileSync(deployment.path("seed-shares.json"), "utf8")).toBe("mine");
    expect(server.state.manifests.length).toBe(2);
  });

  test("keeps other seed shares that are there", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    writeFileSync(deployment.path("seed-shares.json"), "of another deployment");
    writeFileSync(deployment.path("seed-shares.json.bak"), "of a third one");
    await callCommand(wordsOf(deployment, server.address), deploymentIo(deployment));
    expect(readFileSync(deployment.path("seed-shares.json.bak"), "utf8")).toBe("of a third one");
    expect(readFileSync(deployment.path("seed-shares.json.bak.1"), "utf8")).toBe("of another deployment");
  });

  test("needs no key for the first manifest, and warns of what the manifest makes impossible", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    rmSync(deployment.path("workload-owner.pem"));
    deployment.changeManifest((manifest) => {
      manifest.WorkloadOwnerKeyDigests = null;
      manifest.SeedshareOwnerPubKeys = null;
    });
    const log = recordLog();
    await callCommand(wordsOf(deployment, server.address), deploymentIo(deployment, { log }));
    expect(log.lines.filter((line) => line.startsWith("warn ")).length).toBe(2);
    expect(server.state.manifests.length).toBe(1);
  });

  test("warns of a key that is named but missing, and not of a default that is", async () => {
    const deployment = attestedDeployment();
    rmSync(deployment.path("workload-owner.pem"));
    for (const [more, count] of [
      [["--workload-owner-key", deployment.path("typo.pem")], 1],
      [[], 0],
    ] as const) {
      const server = await coordinatorOf(deployment);
      const log = recordLog();
      await callCommand(wordsOf(deployment, server.address, more), deploymentIo(deployment, { log }));
      expect(log.lines.filter((line) => line.startsWith("warn the workload owner key does not exist")).length).toBe(
        count,
      );
    }
  });

  test("warns of a key that the new manifest does not know", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    deployment.changeManifest((manifest) => {
      manifest.WorkloadOwnerKeyDigests = ["00".repeat(32)];
    });
    const log = recordLog();
    await callCommand(wordsOf(deployment, server.address), deploymentIo(deployment, { log }));
    expect(log.lines.some((line) => line.startsWith("warn workload owner key not found in manifest"))).toBe(true);
  });

  test("tells which workloads have new policies", async () => {
    const deployment = attestedDeployment();
    const web = deployment.policies[1]!;
    const state = new CoordinatorState();
    const text = Buffer.from(deployment.manifest()).toString();
    state.manifests.push(Buffer.from(text.replaceAll(createHash("sha256").update(web).digest("hex"), "ab".repeat(32))));
    const server = await coordinatorOf(deployment, { state });
    const io = deploymentIo(deployment);
    await callCommand(wordsOf(deployment, server.address), io);
    expect(io.printed.slice(2)).toEqual(["  Restart with the YAML of this manifest: deployment/web -n shop"]);
  });

  test("warns of seed shares that are kept, and of owners without a share", async () => {
    const deployment = attestedDeployment();
    const state = new (class extends CoordinatorState {
      override setManifest(...call: Parameters<CoordinatorState["setManifest"]>) {
        return { ...super.setManifest(...call), seedShares: { shares: [], salt: this.salt } };
      }
    })();
    const server = await coordinatorOf(deployment, { state });
    writeFileSync(deployment.path("seed-shares.json"), "other");
    const log = recordLog();
    await callCommand(wordsOf(deployment, server.address), deploymentIo(deployment, { log }));
    expect(log.lines.filter((line) => line.startsWith("warn other seed shares were there already")).length).toBe(1);
    expect(log.lines.filter((line) => line.startsWith("warn no seed share was returned")).length).toBe(1);
  });

  test("tells programs what to do where an update is refused", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    rmSync(deployment.path("workload-owner.pem"));
    const io = deploymentIo(deployment, { format: "json" });
    const error = await callCommand(wordsOf(deployment, server.address), io).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "rpc/permission-denied",
      hint: "Specify a workload owner key with --workload-owner-key.",
    });
    expect(io.printed).toEqual([]);
  });

  test("tells programs the same in one object", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    const io = deploymentIo(deployment, { format: "json" });
    await callCommand(wordsOf(deployment, server.address), io);
    expect(io.printed.length).toBe(1);
    const result = JSON.parse(io.printed[0]!);
    expect(result).toMatchObject({
      schema: "contrast/set/v1",
      ok: true,
      insecure: true,
      coordinator: server.address,
      coordinatorPolicy: { hashes: [deployment.coordinatorHash], source: "workspace" },
      seedSharesReceived: true,
      written: ["seed-shares.json", "coordinator-root-ca.pem", "mesh-ca.pem"].map(deployment.path),
      verdict: { outcome: "accepted" },
    });
  });

  test("opens no connection where the YAML is not that of the manifest, and tells everything at once", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    const before = deployment.files();
    rmSync(deployment.path("resources/coordinator.yml"));
    const yaml = readFileSync(deployment.path("resources/web.yml"), "utf8");
    const changed = yaml.replace(/policy: .*/, `policy: ${Buffer.from("other").toString("base64")}`);
    writeFileSync(deployment.path("resources/web.yml"), changed);
    const io = deploymentIo(deployment);
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), io))).toBe(
      "client/deployment-differs",
    );
    expect(server.atls.hellos.length).toBe(0);
    expect(io.printed).toEqual([]);
    expect(deployment.files()["manifest.json"]).toBe(before["manifest.json"]!);
  });

  test.each([
    ["an address without port", (words: string[]) => words.with(2, "localhost"), "atls/endpoint-invalid"],
    [
      "a policy hash of another length",
      (words: string[]) => [...words, "--coordinator-policy-hash", "00"],
      "manifest/coordinator-policy-hash-invalid",
    ],
    [
      "a policy hash that is no hexadecimal",
      (words: string[]) => [...words, "--coordinator-policy-hash="],
      "manifest/coordinator-policy-hash-invalid",
    ],
    ["no paths", (words: string[]) => words.slice(0, -1), "kubernetes/no-yaml-files"],
  ])("opens no connection with %s", async (_, change, code) => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    const words = change([...wordsOf(deployment, server.address)]);
    expect(await codeOfAsync(() => callCommand(words, deploymentIo(deployment)))).toBe(code);
    expect(server.atls.hellos.length).toBe(0);
  });

  test("tells about every part of the input at once", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    deployment.changeManifest((manifest) => {
      manifest.ReferenceValues.tdx = [{ ...manifest.ReferenceValues.tdx?.[0], MrSeam: "" }];
    });
    rmSync(deployment.path("resources/coordinator.yml"));
    writeFileSync(deployment.path("workload-owner.pem"), "no key");
    const words = wordsOf(deployment, "localhost", ["--coordinator-policy-hash", "00"]);
    const error = await callCommand(words, deploymentIo(deployment)).catch((thrown: unknown) => thrown);
    const codes = error instanceof ProblemsError ? error.problems.map(({ code }) => code) : error;
    expect(codes).toEqual([
      "atls/endpoint-invalid",
      "manifest/value-missing",
      "manifest/coordinator-policy-hash-invalid",
      "pki/pem-missing",
      "manifest/policy-count",
    ]);
    writeFileSync(deployment.path("manifest.json"), "{");
    const later = await callCommand(words, deploymentIo(deployment)).catch((thrown: unknown) => thrown);
    const laterCodes = later instanceof ProblemsError ? later.problems.map(({ code }) => code) : later;
    expect(laterCodes).toEqual([
      "atls/endpoint-invalid",
      "lib/json-invalid",
      "manifest/coordinator-policy-hash-invalid",
      "pki/pem-missing",
    ]);
    expect(server.atls.hellos.length).toBe(0);
  });

  test("opens no connection with a manifest that is unfinished", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    deployment.changeManifest((manifest) => {
      manifest.ReferenceValues.tdx = [{ ...manifest.ReferenceValues.tdx?.[0], MrSeam: "" }];
    });
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)))).toBe(
      "manifest/value-missing",
    );
    expect(server.atls.hellos.length).toBe(0);
  });

  test("opens no connection where the seed shares could not be written", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    mkdirSync(deployment.path("seed-shares.json"));
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)))).toBe(
      "lib/file-unwritable",
    );
    expect(server.atls.hellos.length).toBe(0);
  });

  test.each([
    ["wrong-nonce", "attestation/rejected"],
    ["no-evidence", "atls/no-evidence"],
    ["web-page", "rpc/answer-invalid"],
    ["damaged-message", "rpc/answer-invalid"],
  ] as const)("leaves the files of an earlier run alone after %s", async (trouble, code) => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { trouble });
    writeFileSync(deployment.path("mesh-ca.pem"), "earlier");
    writeFileSync(deployment.path("seed-shares.json"), "earlier");
    const before = deployment.files();
    const io = deploymentIo(deployment);
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), io))).toBe(code);
    expect(io.printed).toEqual(["❌"]);
    expect(deployment.files()).toEqual(before);
  });

  test.each([
    ["without a key", true, "Permission denied. Specify a workload owner key with --workload-owner-key."],
    [
      "with a key of somebody else",
      false,
      "Permission denied. Ensure you are using a trusted workload owner key with --workload-owner-key.",
    ],
  ])("says what to do where an update %s is refused", async (_, remove, line) => {
    const deployment = attestedDeployment();
    const state = deployment.setState();
    if (remove) rmSync(deployment.path("workload-owner.pem"));
    else {
      state.manifests[0] = Buffer.from(
        Buffer.from(deployment.manifest())
          .toString()
          .replace(/"WorkloadOwnerKeyDigests": \[\s*"[0-9a-f]+"/, '"WorkloadOwnerKeyDigests": ["00"'),
      );
    }
    const server = await coordinatorOf(deployment, { state });
    const io = deploymentIo(deployment);
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), io))).toBe("rpc/permission-denied");
    expect(io.printed).toEqual(["❌", line]);
  });

  test("says that the Coordinator waits for recovery", async () => {
    const deployment = attestedDeployment();
    const state = deployment.setState();
    state.restart();
    const server = await coordinatorOf(deployment, { state });
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)))).toBe(
      "rpc/recovery-needed",
    );
  });

  test("keeps the seed shares where the CA certificates are of no use", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    server.state.rootCaPem = Buffer.from("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    const io = deploymentIo(deployment);
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), io))).toBe("client/ca-invalid");
    expect(io.printed.at(-1)).toBe("✔️ Seed shares received");
    const files = deployment.files();
    expect(files["seed-shares.json"]).toContain("SeedShares");
    expect(files["coordinator-root-ca.pem"]).toBeUndefined();
    expect(files["mesh-ca.pem"]).toBeUndefined();
  });
});
