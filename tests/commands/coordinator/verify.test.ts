import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { attestedDeployment, type AttestedDeployment } from "../../fakes/attested-deployment.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { CoordinatorState } from "../../fakes/coordinator-state.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { recordLog } from "../../fakes/image-provider.ts";
import { connectionsEnded, deploymentIo, useCoordinators } from "../../fakes/running-coordinator.ts";

const coordinatorOf = useCoordinators();

const VERIFIED = "✔️ Successfully verified Coordinator CVM based on reference values from manifest";
const MATCHES = "✔️ Manifest active at Coordinator matches expected manifest";

function wordsOf({ directory, trustFlags }: AttestedDeployment, address: string, more: readonly string[] = []) {
  return ["verify", "-c", address, "--workspace-dir", directory, ...trustFlags, ...more];
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe("contrast verify", () => {
  test.each(["success", "failure"])("ends its connection after %s", async (outcome) => {
    const deployment = attestedDeployment();
    const state = deployment.setState();
    if (outcome === "failure") state.restart();
    const server = await coordinatorOf(deployment, { state });
    await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)));
    await connectionsEnded(server);
    expect(server.calls.length).toBe(1);
  });

  test("prints what 1.4 prints and writes what the Coordinator told", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    server.state.latestTransition = new Uint8Array(32).fill(7);
    const io = deploymentIo(deployment);
    await callCommand(wordsOf(deployment, server.address), io);
    expect(io.printed.slice(0, 4)).toEqual([
      VERIFIED,
      `✔️ Wrote Coordinator configuration and keys to ${deployment.path("verify")}`,
      MATCHES,
      "  Please verify the manifest history and policies",
    ]);
    expect(io.printed[4]).toBe(`  manifest 0: sha256 ${sha256(deployment.manifest())} (active)`);
    expect(io.printed.slice(5)).toEqual([
      "  2 policies",
      expect.stringMatching(/^ {2}evidence: \d+ checks passed, reference values tdx-0 fit$/),
      expect.stringMatching(/^ {2}first to expire: .+, \d{4}-\d\d-\d\dT/),
    ]);
    expect(readdirSync(deployment.path("verify")).toSorted()).toEqual(
      [
        "coordinator-root-ca.pem",
        "latest-transition",
        "manifest.0.json",
        "mesh-ca.pem",
        ...deployment.policies.map((policy) => `policy.${sha256(policy)}.rego`),
      ].toSorted(),
    );
    expect(readFileSync(deployment.path("verify/latest-transition"), "utf8")).toBe("07".repeat(32));
    expect(readFileSync(deployment.path("verify/manifest.0.json")).equals(deployment.manifest())).toBe(true);
  });

  test("tells programs everything in one object", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    const io = deploymentIo(deployment, { format: "json" });
    await callCommand(wordsOf(deployment, server.address), io);
    expect(io.printed.length).toBe(1);
    expect(JSON.parse(io.printed[0]!)).toMatchObject({
      schema: "contrast/verify/v1",
      ok: true,
      insecure: true,
      coordinator: server.address,
      manifest: { sha256: sha256(deployment.manifest()) },
      history: { manifests: [sha256(deployment.manifest())], latestTransition: null },
      verdict: { outcome: "accepted" },
    });
  });

  test("leaves the files where the active manifest is another one, byte for byte", async () => {
    const deployment = attestedDeployment();
    const state = deployment.setState();
    const server = await coordinatorOf(deployment, { state });
    const text = Buffer.from(deployment.manifest()).toString();
    writeFileSync(deployment.path("manifest.json"), text.trimEnd());
    const io = deploymentIo(deployment);
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), io))).toBe(
      "client/manifest-differs",
    );
    expect(readFileSync(deployment.path("verify/manifest.0.json"), "utf8")).toBe(text);
    expect(io.printed).not.toContain(MATCHES);
  });

  test("warns where policies are missing, and of files of a longer history", async () => {
    const deployment = attestedDeployment();
    const state = CoordinatorState.withManifest(deployment.manifest(), deployment.policies.slice(1));
    state.manifests.unshift(Buffer.from("not JSON"));
    const server = await coordinatorOf(deployment, { state });
    const log = recordLog();
    await callCommand(wordsOf(deployment, server.address), deploymentIo(deployment, { log }));
    expect(log.lines.filter((line) => line.startsWith("warn a manifest of the history cannot be read")).length).toBe(1);
    expect(log.lines.filter((line) => line.includes("did not return every policy")).length).toBe(1);
    state.manifests.shift();
    const later = recordLog();
    await callCommand(wordsOf(deployment, server.address), deploymentIo(deployment, { log: later }));
    expect(later.lines.filter((line) => line.includes("files of a longer history")).length).toBe(1);
  });

  test.each([
    ["no evidence", { trouble: "no-evidence" as const }, "atls/no-evidence"],
    ["evidence for another nonce", { trouble: "wrong-nonce" as const }, "attestation/rejected"],
    ["an answer that breaks off", { trouble: "half-answer" as const }, "rpc/unavailable"],
    ["an answer that is too large", { trouble: "huge-answer" as const }, "rpc/answer-too-large"],
    ["no manifest", { state: new CoordinatorState() }, "rpc/no-manifest"],
  ])("leaves the files of an earlier run alone after %s", async (_, options, code) => {
    const deployment = attestedDeployment();
    const good = await coordinatorOf(deployment, { state: deployment.setState() });
    await callCommand(wordsOf(deployment, good.address), deploymentIo(deployment));
    const before = deployment.files();
    const server = await coordinatorOf(deployment, options);
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)))).toBe(
      code,
    );
    expect(deployment.files()).toEqual(before);
  });

  test.each([
    ["recovery mode", (state: CoordinatorState) => state.restart(), "rpc/recovery-needed"],
    [
      "a root CA that is none",
      (state: CoordinatorState) => void (state.rootCaPem = Buffer.from("x")),
      "client/ca-invalid",
    ],
    [
      "two mesh CAs",
      (state: CoordinatorState) => void (state.meshCaPem = Buffer.concat([state.meshCaPem, state.meshCaPem])),
      "client/ca-invalid",
    ],
    [
      "a transition of another length",
      (state: CoordinatorState) => void (state.latestTransition = new Uint8Array(31)),
      "rpc/answer-invalid",
    ],
    [
      "more manifests than are taken",
      (state: CoordinatorState) => state.manifests.push(...Array.from({ length: 10_001 }, () => new Uint8Array([32]))),
      "client/history-too-large",
    ],
  ])("writes nothing for a Coordinator with %s", async (_, change, code) => {
    const deployment = attestedDeployment();
    const state = deployment.setState();
    change(state);
    const server = await coordinatorOf(deployment, { state });
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)))).toBe(
      code,
    );
    expect(deployment.files()["verify/mesh-ca.pem"]).toBeUndefined();
  });

  test("accepts any of the Coordinators of a newer manifest, and no other policy", async () => {
    const deployment = attestedDeployment();
    rmSync(deployment.path("coordinator-policy.sha256"));
    const other = "ab".repeat(32);
    deployment.changeManifest((manifest) => {
      manifest.Policies[deployment.coordinatorHash]!.Role = "coordinator";
      manifest.Policies[other] = { SANs: [], Role: "coordinator" };
    });
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    await callCommand(wordsOf(deployment, server.address), deploymentIo(deployment));
    deployment.changeManifest((manifest) => {
      delete manifest.Policies[deployment.coordinatorHash]!.Role;
    });
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)))).toBe(
      "attestation/rejected",
    );
  });

  test("writes all files or none", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    mkdirSync(deployment.path("verify/mesh-ca.pem"), { recursive: true });
    writeFileSync(deployment.path("verify/manifest.0.json"), "earlier");
    const before = deployment.files();
    const words = wordsOf(deployment, server.address, ["--save", deployment.path("saved.tar")]);
    expect(await codeOfAsync(() => callCommand(words, deploymentIo(deployment)))).toBe("lib/file-unwritable");
    expect(deployment.files()).toEqual(before);
  });

  test.each([
    ["in a directory that is not there", "none/saved.tar"],
    ["that is a directory", "resources"],
    ["that takes another result", "verify/mesh-ca.pem"],
  ])("writes nothing where --save names a file %s", async (_, name) => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    const before = deployment.files();
    const words = wordsOf(deployment, server.address, ["--save", deployment.path(name)]);
    const io = deploymentIo(deployment);
    expect(await codeOfAsync(() => callCommand(words, io))).toBe("lib/file-unwritable");
    expect(deployment.files()).toEqual(before);
    expect(io.printed).toEqual([VERIFIED]);
  });

  test("saves beside the history too", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    const words = wordsOf(deployment, server.address, ["--save", deployment.path("verify/saved.tar")]);
    await callCommand(words, deploymentIo(deployment));
    expect(Object.keys(deployment.files())).toContain("verify/saved.tar");
  });

  test("refuses a Coordinator that is none of several expected ones", async () => {
    const deployment = attestedDeployment();
    deployment.changeManifest((manifest) => {
      for (const hash of ["ab".repeat(32), "cd".repeat(32)]) {
        manifest.Policies[hash] = { SANs: [], Role: "coordinator" };
      }
    });
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    const error = await callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "attestation/rejected", hint: expect.stringContaining("another policy") });
  });

  test("does not blame the policy for another refusal", async () => {
    const deployment = attestedDeployment();
    deployment.changeManifest((manifest) => {
      manifest.ReferenceValues.tdx = [{ ...manifest.ReferenceValues.tdx?.[0], MrSeam: "00".repeat(48) }];
    });
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    const error = await callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "attestation/rejected", hint: undefined });
  });

  test("warns of reference values that it does not check", async () => {
    const deployment = attestedDeployment();
    deployment.changeManifest((manifest) => {
      manifest.ReferenceValues.tdx = [{ ...manifest.ReferenceValues.tdx?.[0], AllowedPIIDs: ["00"] }];
    });
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    const log = recordLog();
    await callCommand(wordsOf(deployment, server.address), deploymentIo(deployment, { log }));
    expect(log.lines.filter((line) => line.includes("ReferenceValues.tdx[0].AllowedPIIDs")).length).toBe(1);
  });

  test("explains a Coordinator with another policy", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    const words = wordsOf(deployment, server.address, ["--coordinator-policy-hash", "ab".repeat(32)]);
    const error = await callCommand(words, deploymentIo(deployment)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "attestation/rejected", hint: expect.stringContaining("another policy") });
    expect(error).toMatchObject({ report: { json: { insecure: true, verdict: { outcome: "rejected" } } } });
  });

  test("cannot check without collateral, which is another thing than a refusal", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    const words = ["verify", "-c", server.address, "--workspace-dir", deployment.directory, "--offline"];
    const trust = ["--insecure-trust-roots", deployment.path("roots.pem")];
    expect(await codeOfAsync(() => callCommand([...words, ...trust], deploymentIo(deployment)))).toBe(
      "attestation/unchecked",
    );
  });

  test("opens no connection without a manifest", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    rmSync(deployment.path("manifest.json"));
    expect(await codeOfAsync(() => callCommand(wordsOf(deployment, server.address), deploymentIo(deployment)))).toBe(
      "lib/file-unreadable",
    );
    expect(server.atls.hellos.length).toBe(0);
  });

  test.each([
    [["verify"], "terminal/required-flag"],
    [["verify", "-c", "localhost:1", "--bundle", "x"], "terminal/exclusive-flags"],
    [["verify", "-c", "localhost:1", "extra"], "terminal/argument-count"],
  ])("refuses %p", async (words, code) => {
    expect(await codeOfAsync(() => callCommand(words, deploymentIo(attestedDeployment())))).toBe(code);
  });
});

describe("contrast verify --bundle", () => {
  async function saved(
    tee: "snp" | "tdx" = "tdx",
  ): Promise<{ deployment: AttestedDeployment; bundle: string; verdict: unknown }> {
    const deployment = attestedDeployment(tee);
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    const bundle = deployment.path("saved.tar");
    const io = deploymentIo(deployment, { format: "json" });
    await callCommand(wordsOf(deployment, server.address, ["--save", bundle]), io);
    await server.close();
    rmSync(deployment.path("verify"), { recursive: true });
    return { deployment, bundle, verdict: JSON.parse(io.printed[0]!).verdict };
  }

  function bundleWords({ directory, path }: AttestedDeployment, bundle: string, more: readonly string[] = []) {
    const trust = ["--insecure-trust-roots", path("roots.pem")];
    return ["verify", "--bundle", bundle, "--workspace-dir", directory, ...trust, ...more];
  }

  test.each(["snp", "tdx"] as const)(
    "gives the verdict of the live check on %s, without network and files",
    async (tee) => {
      const { deployment, bundle, verdict } = await saved(tee);
      const before = deployment.files();
      const later = new Date(deployment.now().getTime() + 400 * 86_400_000);
      const io = deploymentIo(deployment, { format: "json", now: () => later });
      await callCommand(bundleWords(deployment, bundle), io);
      const result = JSON.parse(io.printed[0]!);
      expect(result.verdict).toEqual(verdict);
      expect(result.bundle.judgedAt).toBe(deployment.now().toISOString());
      expect(result.bundle.unproven.length).toBe(3);
      expect(deployment.files()).toEqual(before);
    },
  );

  test("says which time is judged and what it cannot prove", async () => {
    const { deployment, bundle } = await saved();
    const io = deploymentIo(deployment);
    await callCommand(bundleWords(deployment, bundle), io);
    expect(io.printed[0]).toBe(VERIFIED);
    expect(io.printed).toContain(MATCHES);
    expect(io.printed.filter((line) => line.startsWith("  Validity was judged at")).length).toBe(1);
    expect(io.printed.filter((line) => line.startsWith("  Not proven: ")).length).toBe(3);
  });

  test("judges at another time where --at says so", async () => {
    const { deployment, bundle } = await saved();
    const later = new Date(deployment.now().getTime() + 60 * 86_400_000).toISOString();
    const words = bundleWords(deployment, bundle, ["--at", later]);
    expect(await codeOfAsync(() => callCommand(words, deploymentIo(deployment)))).toBe("attestation/unchecked");
  });

  test("goes on with what has expired since then only where that is accepted, and warns", async () => {
    const { deployment, bundle } = await saved();
    const later = new Date(deployment.now().getTime() + 60 * 86_400_000).toISOString();
    const end = new Date(deployment.now().getTime() + 61 * 86_400_000).toISOString();
    const io = deploymentIo(deployment);
    await callCommand(bundleWords(deployment, bundle, ["--at", later, "--accept-collateral-until", end]), io);
    expect(io.told.filter((line) => line.includes("--accept-collateral-until")).length).toBeGreaterThan(0);
  });

  test("trusts no roots because of the bundle", async () => {
    const { deployment, bundle } = await saved();
    const words = ["verify", "--bundle", bundle, "--workspace-dir", deployment.directory];
    expect(await codeOfAsync(() => callCommand(words, deploymentIo(deployment)))).toBe("attestation/rejected");
  });

  test("is decided by the given manifest and the expected policy, not by those of the bundle", async () => {
    const { deployment, bundle } = await saved();
    const other = bundleWords(deployment, bundle, ["--coordinator-policy-hash", "ab".repeat(32)]);
    const log = recordLog();
    expect(await codeOfAsync(() => callCommand(other, deploymentIo(deployment, { log })))).toBe("attestation/rejected");
    expect(log.lines.filter((line) => line.includes("saved with another expected policy")).length).toBe(1);
    deployment.changeManifest((manifest) => manifest.WorkloadOwnerKeyDigests?.push("00".repeat(32)));
    const words = bundleWords(deployment, bundle);
    expect(await codeOfAsync(() => callCommand(words, deploymentIo(deployment)))).toBe("client/manifest-differs");
    deployment.changeManifest((manifest) => {
      manifest.ReferenceValues.tdx = [{ ...manifest.ReferenceValues.tdx?.[0], MrSeam: "00".repeat(48) }];
    });
    expect(await codeOfAsync(() => callCommand(words, deploymentIo(deployment)))).toBe("attestation/rejected");
  });

  test("refuses a file that is no saved verification", async () => {
    const { deployment, bundle } = await saved();
    writeFileSync(bundle, readFileSync(bundle).subarray(0, 700));
    expect(await codeOfAsync(() => callCommand(bundleWords(deployment, bundle), deploymentIo(deployment)))).toBe(
      "client/saved-invalid",
    );
  });
});
