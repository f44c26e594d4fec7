import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { encodeBundle } from "../../src/attestation/collateral/bundle-write.ts";
import type { CollateralItem } from "../../src/attestation/collateral-need.ts";
import { EVIDENCE_OIDS } from "../../src/attestation/validator.ts";
import { amdChip, CHIP_MEASUREMENT } from "../fakes/amd-chip.ts";
import type { EvidenceMaker } from "../fakes/atls/atls-server.ts";
import { startFakeCoordinator } from "../fakes/coordinator-server.ts";
import { createIntelPlatform } from "../fakes/intel-platform.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { TRUST } from "./attest-bench.ts";
import { COORDINATOR_YAML, deploymentYaml } from "./sample-yaml.ts";
import { GenerateBench, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

// The self-check of policies is not what is tested here.
const bench = new GenerateBench(temporaryDirectory(), ["--no-self-check"]);

interface Machine {
  readonly platform: string;
  readonly handler: string;
  readonly referenceValues: object;
  readonly rootsPem: string;
  readonly collateral: readonly CollateralItem[];
  readonly evidence: (reportData: Uint8Array, policyHash: Uint8Array) => Awaited<ReturnType<EvidenceMaker>>;
}

function snpMachine(): Machine {
  const chip = amdChip();
  const MinimumTCB = { BootloaderVersion: 4, TEEVersion: 2, SNPVersion: 24, MicrocodeVersion: 217 };
  return {
    platform: "metal-qemu-snp",
    handler: "contrast-cc-metal-qemu-snp-0123abcd",
    referenceValues: {
      snp: [{ MinimumTCB, ProductName: "Milan", TrustedMeasurement: CHIP_MEASUREMENT.toHex() }],
    },
    rootsPem: chip.authority.rootsPem,
    collateral: chip.collateralItems(),
    evidence: (reportData, hostData) => ({
      oid: EVIDENCE_OIDS.snp,
      value: chip.attestation({ reportData, hostData }, { leaf: false }),
    }),
  };
}

function tdxMachine(): Machine {
  const platform = createIntelPlatform({ now: new Date() });
  return {
    platform: "metal-qemu-tdx",
    handler: "contrast-cc-metal-qemu-tdx-0123abcd",
    referenceValues: { tdx: [platform.referenceValues()] },
    rootsPem: platform.rootPem,
    collateral: platform.collateralItems(),
    evidence: (reportData, policyHash) => {
      const mrConfigId = new Uint8Array(48);
      mrConfigId.set(policyHash);
      return { oid: EVIDENCE_OIDS.tdx, value: platform.attestation(reportData, { mrConfigId }) };
    },
  };
}

function workspaceFor(machine: Machine): Workspace {
  const items = machine.collateral.map((item) => ({ item, validity: {} }));
  return bench.workspace({
    "resources/coordinator.yml": COORDINATOR_YAML,
    "resources/web.yml": deploymentYaml("web"),
    "values.json": JSON.stringify({ [machine.handler]: machine.referenceValues }),
    "roots.pem": machine.rootsPem,
    "collateral.tar": encodeBundle(items, "test"),
  });
}

describe("contrast", () => {
  test.concurrent.each([
    ["SNP", snpMachine],
    ["TDX", tdxMachine],
  ])("takes what generate wrote to set, verify and recover on %s", async (_, makeMachine) => {
    const machine = makeMachine();
    const workspace = workspaceFor(machine);
    const generate = async (): Promise<void> => {
      const args = ["--reference-values-file=values.json", "resources"];
      const { status, stderr } = await workspace.generate(args, { platform: machine.platform });
      expect(status, stderr).toBe(0);
    };
    await generate();
    const coordinatorHash = Uint8Array.fromHex(workspace.read("coordinator-policy.sha256").trim());
    await using server = disposable(
      await startFakeCoordinator({ evidence: (reportData) => machine.evidence(reportData, coordinatorHash) }),
    );
    const { state, address } = server;
    const succeed = async (...words: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await workspace.run([...words, "-c", address, ...TRUST]);
      expect(status, stderr).toBe(0);
      return stdout;
    };
    expect(await succeed("set", "resources")).toContain("✔️ Seed shares received\n");
    expect(await succeed("verify")).toContain("✔️ Manifest active at Coordinator matches expected manifest\n");

    // YAML that changed since then is noticed before anybody is asked.
    workspace.write("resources/web.yml", deploymentYaml("web", { container: "env: [{name: MODE, value: new}]" }));
    const calls = server.calls.length;
    const stale = await workspace.run(["set", "resources", "-c", address, ...TRUST, "--format", "json"]);
    expect([stale.status, server.calls.length]).toEqual([4, calls]);
    await generate();
    expect(await succeed("set", "resources")).toEndWith(
      "  Restart with the YAML of this manifest: deployment/web -n shop\n",
    );
    const verified = await succeed("verify");
    expect(verified).toContain("✔️ Manifest active at Coordinator matches expected manifest\n");
    expect(workspace.read("verify/manifest.1.json")).toBe(workspace.read("manifest.json"));
    for (const hash of Object.keys(workspace.manifest("verify/manifest.0.json").Policies)) {
      expect(workspace.exists(`verify/policy.${hash}.rego`)).toBe(true);
    }
    state.restart();
    expect(await succeed("recover")).toContain("✔️ Successfully recovered the Coordinator\n");
  });
});

function disposable<T extends { readonly close: () => Promise<void> }>(server: T): T & AsyncDisposable {
  return { ...server, [Symbol.asyncDispose]: server.close };
}
