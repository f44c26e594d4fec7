import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync } from "node:fs";
import { attestedDeployment, type AttestedDeployment } from "../fakes/attested-deployment.ts";
import { CoordinatorState } from "../fakes/coordinator-state.ts";
import { isPermitted } from "../fakes/peers.ts";
import { useCoordinators } from "../fakes/running-coordinator.ts";
import { contrastBinary } from "./binary.ts";
import { type Outcome, runBinary } from "./run-binary.ts";

const coordinatorOf = useCoordinators();
const canUnshare = isPermitted("verify --bundle without network", "unshare", "--map-root-user", "--net", "true");

const canMount = isPermitted(
  "set on a full disk",
  "unshare",
  "--map-root-user",
  "--mount",
  "sh",
  "-c",
  "mount -t tmpfs tmpfs /mnt",
);

async function run(deployment: AttestedDeployment, ...words: readonly string[]): Promise<Outcome> {
  return await runBinary([...words, "--insecure-trust-roots", "roots.pem"], { cwd: deployment.directory });
}

function removed(deployment: AttestedDeployment, name: string): undefined {
  rmSync(deployment.path(name));
}

const COLLATERAL = ["--offline", "--collateral", "collateral.tar"];

describe("contrast", () => {
  test.each(["snp", "tdx"] as const)("sets, verifies, saves and recovers a deployment on %s", async (tee) => {
    const deployment = attestedDeployment(tee);
    const server = await coordinatorOf(deployment);
    const { address } = server;
    const set = await run(deployment, "set", "-c", address, ...COLLATERAL, "resources");
    expect(set.stdout).toBe("✔️ Connected to coordinator\n✔️ Manifest set successfully\n✔️ Seed shares received\n");
    expect(set.status).toBe(0);
    server.state.restart();
    const recover = await run(deployment, "recover", "-c", address, ...COLLATERAL);
    expect(recover.stdout).toStartWith("✔️ Successfully recovered the Coordinator\n");
    const verify = await run(deployment, "verify", "-c", address, ...COLLATERAL, "--save", "saved.tar");
    expect(verify.stdout).toStartWith(
      "✔️ Successfully verified Coordinator CVM based on reference values from manifest\n" +
        "✔️ Wrote Coordinator configuration and keys to verify\n" +
        "✔️ Saved the verification to saved.tar\n" +
        "✔️ Manifest active at Coordinator matches expected manifest\n" +
        "  Please verify the manifest history and policies\n",
    );
    const bundle = await run(deployment, "verify", "--bundle", "saved.tar");
    expect(bundle.stdout).toContain("✔️ Manifest active at Coordinator matches expected manifest\n");
    expect(bundle.status).toBe(0);
  });

  test.skipIf(!canUnshare)("judges a saved verification in a network without interfaces", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment, { state: deployment.setState() });
    await run(deployment, "verify", "-c", server.address, ...COLLATERAL, "--save", "saved.tar");
    const words = ["verify", "--bundle", "saved.tar", "--insecure-trust-roots", "roots.pem", "--format", "json"];
    const child = Bun.spawn(["unshare", "--map-root-user", "--net", await contrastBinary(), ...words], {
      cwd: deployment.directory,
      env: { PATH: "/usr/bin:/bin", HOME: deployment.directory },
      stdout: "pipe",
      stderr: "pipe",
    });
    const result = JSON.parse(await new Response(child.stdout).text());
    expect(result).toMatchObject({ schema: "contrast/verify/v1", ok: true, verdict: { outcome: "accepted" } });
    expect(await child.exited).toBe(0);
  });

  test.each<[string, number, (deployment: AttestedDeployment) => CoordinatorState | undefined, readonly string[]]>([
    ["usage", 2, () => undefined, ["--coordinator-policy-hash", "00"]],
    ["rejected", 3, (deployment) => deployment.setState(), ["--coordinator-policy-hash", "00".repeat(32)]],
    [
      "mismatch",
      4,
      (deployment) => {
        const state = deployment.setState();
        deployment.changeManifest((manifest) => manifest.WorkloadOwnerKeyDigests?.pop());
        return state;
      },
      [],
    ],
    ["collateral", 6, (deployment) => deployment.setState(), []],
    ["input", 7, (deployment) => removed(deployment, "manifest.json"), []],
    [
      "recovery",
      8,
      (deployment) => {
        const state = deployment.setState();
        state.restart();
        return state;
      },
      [],
    ],
  ])("ends verify --format json with the status of class %s", async (name, status, prepare, more) => {
    const deployment = attestedDeployment();
    const state = prepare(deployment) ?? new CoordinatorState();
    const server = await coordinatorOf(deployment, { state });
    const collateral = name === "collateral" ? ["--offline"] : COLLATERAL;
    const words = ["verify", "-c", server.address, ...collateral, ...more, "--format", "json"];
    const outcome = await run(deployment, ...words);
    expect(outcome.status, outcome.stderr).toBe(status);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ schema: "contrast/error/v1", ok: false, class: name });
  });

  test.skipIf(!canMount)("asks nothing where the disk has no room for the seed shares", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    mkdirSync(deployment.path("small"));
    const inputs = ["-m", "manifest.json", "--coordinator-policy-hash", deployment.coordinatorHash];
    const trust = [
      ...COLLATERAL,
      "--insecure-trust-roots",
      "roots.pem",
      "--workspace-dir",
      "small",
      "--format",
      "json",
    ];
    const words = ["set", "-c", server.address, ...inputs, ...trust, "resources"];
    const script = 'mount -t tmpfs -o size=8k tmpfs small && { "$@"; echo "status $?"; ls -A small; }';
    const command = [
      "unshare",
      "--map-root-user",
      "--mount",
      "sh",
      "-c",
      script,
      "sh",
      await contrastBinary(),
      ...words,
    ];
    const child = Bun.spawn(command, {
      cwd: deployment.directory,
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: deployment.directory },
      stdout: "pipe",
      stderr: "pipe",
    });
    const [json = "", ...rest] = (await new Response(child.stdout).text()).trim().split("\n");
    expect(JSON.parse(json)).toMatchObject({ code: "lib/file-unwritable" });
    expect(rest).toEqual(["status 7"]);
    expect(server.atls.hellos.length).toBe(0);
  });

  test("ends with the status of an unreachable Coordinator", async () => {
    const deployment = attestedDeployment();
    const server = await coordinatorOf(deployment);
    await server.close();
    const outcome = await run(deployment, "verify", "-c", server.address, ...COLLATERAL, "--format", "json");
    expect(outcome.status).toBe(5);
  });
});
