import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isPermitted } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { COORDINATOR_YAML, deploymentYaml } from "./sample-yaml.ts";
import { SandboxBench } from "./sandbox-bench.ts";
import { snapshotOf } from "./snapshot.ts";
import { GenerateBench, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const generated = new GenerateBench(temporaryDirectory(), ["--no-self-check"]);
const TRACE = ["strace", "-f", "-qq", "-e", "trace=socket,connect,bind", "-e", "signal=none", "-o"];
const canTrace = isPermitted("sockets of contrast doctor", ...TRACE, "/dev/null", "true");

interface DoctorJson {
  readonly schema: string;
  readonly ok: boolean;
  readonly findings: readonly { readonly check: string; readonly severity: string; readonly message: string }[];
  readonly checks: readonly { readonly check: string; readonly status: string }[];
}

/** A call that knows the tables and images of the sample deployment. */
function doctorWords(workspace: Workspace, ...words: readonly string[]): readonly string[] {
  const known = workspace.generateArgs().filter((word) => /^--image-(?:source|replacements)=/.test(word));
  return ["doctor", "--format=json", "--reference-values-file=values.json", ...known, ...words, "resources"];
}

/** Everything that is not ok, and the exit status. */
async function findings(
  bench: SandboxBench,
  ...words: readonly string[]
): Promise<{ readonly status: number | null; readonly found: readonly string[]; readonly skipped: readonly string[] }> {
  const { status, stdout, stderr } = await bench.run(...doctorWords(bench.workspace, ...words));
  if (stdout === "") throw new Error(stderr);
  const json = JSON.parse(stdout) as DoctorJson;
  return {
    status,
    found: json.findings.map(({ severity, check, message }) => `${severity} ${check}: ${message}`),
    skipped: json.checks.flatMap(({ check, status: how }) => (how === "skipped" ? [check] : [])),
  };
}

describe("contrast doctor", () => {
  test.concurrent("finds a living deployment healthy, and what is old after a recovery", async () => {
    await using bench = await SandboxBench.create(generated, "tdx");
    const healthy = { status: 0, found: [] };
    const doctor = async (...words: readonly string[]) => await findings(bench, ...words);
    const generatedState = await doctor();
    expect(generatedState).toMatchObject(healthy);
    expect(generatedState.skipped).not.toContain("deployment.current");

    expect((await bench.up()).status).toBe(0);
    const flags = bench.coordinatorFlags();
    await bench.succeed("set", ...flags, "resources");
    expect(await doctor()).toMatchObject(healthy);
    await bench.succeed("verify", ...flags);
    const workload = readdirSync(join(bench.directory, "workloads"))[0] ?? "";
    await bench.succeed("sandbox", "status", "--wait");
    const tlsConfig = ["--tls-config", join(bench.directory, "workloads", workload, "tls-config")];
    const verified = await doctor(...tlsConfig);
    expect(verified).toMatchObject(healthy);
    expect(verified.skipped).toEqual(["coordinator.released", "collateral.dates"]);

    // Another manifest, and nobody has verified since.
    const manifest = bench.workspace.read("manifest.json");
    bench.workspace.write("manifest.json", manifest.replace('"web",', '"web", "shop.example",'));
    expect((await doctor()).found).toEqual([expect.stringContaining("warning saved.in-force")]);
    await bench.succeed("set", ...flags, "resources");
    expect(await doctor()).toMatchObject(healthy);
    await bench.succeed("verify", ...flags);
    expect(await doctor()).toMatchObject(healthy);

    // A recovery makes a new mesh CA, which the workload does not have yet.
    await bench.succeed("sandbox", "restart", "coordinator");
    await bench.succeed("recover", ...flags);
    await bench.succeed("verify", ...flags);
    const recovered = await doctor(...tlsConfig);
    expect(recovered.found).toEqual([
      expect.stringContaining("warning saved.mesh-ca"),
      expect.stringContaining("error mesh.authority"),
    ]);
    expect(recovered.status).toBe(1);
  });

  test.concurrent("says what is to be filled in after generate on bare metal", async () => {
    const workspace = generated.workspace({ "resources/web.yml": deploymentYaml("web") });
    expect(await workspace.generate(["--initdata", "resources"])).toMatchObject({ status: 0 });
    const { status, stdout } = await workspace.run(["doctor", "resources"]);
    expect([status, stdout]).toEqual([1, expect.stringContaining("manifest.complete, manifest/value-missing")]);
    const json = await workspace.run(["doctor", "--format=json", "resources"]);
    const { ok, schema, checks } = JSON.parse(json.stdout) as DoctorJson;
    expect([json.status, ok, schema]).toEqual([1, false, "contrast/doctor/v1"]);
    const errors = checks.filter(({ status: how }) => how === "error").map(({ check }) => check);
    // Without a Coordinator among the inputs nobody knows its policy.
    expect([...new Set(errors)]).toEqual(["manifest.complete", "coordinator.expected"]);
  });

  test.concurrent("finds nothing wrong right after generate where the values of the platform are known", async () => {
    const coordinator = { "resources/coordinator.yml": COORDINATOR_YAML };
    const workspace = generated.workspace({ "resources/web.yml": deploymentYaml("web"), ...coordinator });
    for (const flags of [[], ["--pin-images"]]) {
      expect(await workspace.generate([...flags, "resources"], { platform: "aks-clh-snp" })).toMatchObject({
        status: 0,
      });
      const known = workspace.generateArgs().filter((word) => /^--image-(?:source|replacements)=/.test(word));
      const words = ["doctor", "--fail-on=warning", "--verbose", ...known, "resources"];
      const { status, stdout } = await workspace.run(words);
      expect([status, stdout]).toEqual([0, expect.stringContaining("Nothing is wrong")]);
      expect(stdout).toContain("deployment.current: YAML, policies and manifest are");
    }
  });

  test.concurrent("ends with 2 where it cannot do its work", async () => {
    const workspace = generated.workspace();
    for (const words of [["--no-such-flag"], ["--at", "now"], ["--collateral", "missing.tar"]]) {
      expect(await workspace.run(["doctor", ...words])).toMatchObject({ status: 2 });
      expect(await workspace.run(["doctor", "--format=json", ...words])).toMatchObject({ status: 2 });
    }
  });

  test.concurrent.if(canTrace)("opens no connection and changes no file", async () => {
    const { workspace } = await SandboxBench.create(generated, "tdx");
    const trace = join(workspace.root, "trace");
    const socketsOf = async (...words: readonly string[]): Promise<readonly [number | null, string]> => {
      const { status } = await workspace.run(words, { wrapper: [...TRACE, trace] });
      return [status, readFileSync(trace, "utf8")];
    };
    const before = snapshotOf(workspace.path("."));
    // No flag says where the images are: whoever could ask a registry would.
    const words = ["doctor", "--reference-values-file=values.json", "resources"];
    expect(await socketsOf(...words)).toEqual([0, ""]);
    expect(await socketsOf("doctor", "--offline", "--insecure-trust-roots", "missing.pem")).toEqual([2, ""]);
    expect(snapshotOf(workspace.path("."))).toEqual(before);
    expect((await socketsOf("verify", "-c", "127.0.0.1:1"))[1]).toContain("127.0.0.1");
  });
});
