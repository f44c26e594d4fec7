import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isPermitted } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { snapshotOf } from "./snapshot.ts";
import { COORDINATOR_YAML, deploymentYaml } from "./sample-yaml.ts";
import { GenerateBench, type MeasuredOutcome, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

// What the self-check does has tests of its own.
const bench = new GenerateBench(temporaryDirectory(), ["--no-self-check"]);
const FILES = {
  "resources/web.yaml": deploymentYaml("web"),
  "resources/coordinator.yml": COORDINATOR_YAML,
  "resources/config/other.yaml": "# as it is\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n",
};

/** Binds the working directory read-only before the command runs. */
const READ_ONLY = [
  "unshare",
  "--map-root-user",
  "--mount",
  "--",
  "sh",
  "-c",
  'mount --bind . . && mount -o remount,bind,ro . && cd "$PWD" && exec "$@"',
  "sh",
];
const canMount = isPermitted("generate --check in a read-only directory", ...READ_ONLY, "true");

const CLEAN = "✔️ Everything is up to date\n";

async function check(workspace: Workspace, ...args: readonly string[]): Promise<MeasuredOutcome> {
  const before = workspace.snapshot();
  const outcome = await workspace.generate(["--check", ...args, "resources"], { wrapper: canMount ? READ_ONLY : [] });
  expect(workspace.snapshot()).toEqual(before);
  return outcome;
}

/** What lies in the cache beside images. */
function cached(workspace: Workspace): readonly string[] {
  const cache = join(workspace.root, "home", ".cache", "contrast");
  return existsSync(cache) ? readdirSync(cache).filter((name) => name !== "oci") : [];
}

describe("contrast generate --check", () => {
  test.concurrent("ends with 1 before a run and with 0 after it, and writes nothing at all", async () => {
    const workspace = bench.workspace(FILES);
    const first = await check(workspace);
    expect(first.status).toBe(1);
    expect(first.stdout).toContain("+++ resources/web.yaml\n");
    expect(first.stdout).toContain("policy of Deployment web in namespace shop: new");
    expect(first.stdout).toContain(
      "\nrules.rego would be created\nsettings.json would be created\n--- /dev/null\n+++ manifest.json\n",
    );
    expect(first.stdout).toContain("\ngenerate would write 6 files: ");
    expect(Math.max(...first.stdout.split("\n").map(({ length }) => length))).toBeLessThan(500);
    expect(cached(workspace)).toEqual([]);

    expect(await workspace.generate(["resources"])).toMatchObject({ status: 0 });
    expect(await check(workspace)).toMatchObject({ status: 0, stdout: CLEAN });
    // The same without the record of the run.
    rmSync(join(workspace.root, "home"), { recursive: true });
    expect(await check(workspace)).toMatchObject({ status: 0, stdout: CLEAN });
    expect(cached(workspace)).toEqual([]);
  });

  test.concurrent("tells what changed policies allow, and lists the files as JSON", async () => {
    const workspace = bench.workspace(FILES);
    await workspace.generate(["resources"]);
    workspace.write(
      "resources/web.yaml",
      workspace
        .read("resources/web.yaml")
        .replace(
          "      containers:\n        - name: main\n",
          '      containers:\n        - name: main\n          env: [{name: DEBUG, value: "1"}]\n',
        ),
    );
    const { status, stdout } = await check(workspace);
    expect([status, stdout.includes("policy of Deployment web in namespace shop: 1 wider\n")]).toEqual([1, true]);
    expect(stdout).toMatch(/wider +\+ main: OCI\.Process\.Env: DEBUG\n +now DEBUG=1\n/);
    const json = await check(workspace, "--format=json");
    expect([json.status, json.stdout.split("\n").length]).toEqual([1, 2]);
    const [hash] = Object.entries(workspace.manifest().Policies).find(([, { SANs }]) => SANs[0] === "web") ?? [];
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: "contrast/generate-check/v1",
      ok: false,
      changes: [
        {
          file: "resources/web.yaml",
          role: "yaml",
          change: "changed",
          policies: [{ label: "Deployment web", status: "changed", before: { hashHex: hash } }],
        },
        { file: "manifest.json", role: "manifest", change: "changed" },
      ],
    });
  });

  test.concurrent("ends with 2 where it cannot check, in either format, and other calls end as ever", async () => {
    const workspace = bench.workspace(FILES);
    const run = async (...args: readonly string[]): Promise<number | null> => (await workspace.generate(args)).status;
    expect(await run("--check", "missing")).toBe(2);
    expect(await run("--check", "--format=json", "missing")).toBe(2);
    expect(await run("--check", "--no-such-flag", "resources")).toBe(2);
    expect(await run("--check", "--output=a", "--output-dir=b", "resources")).toBe(2);
    expect(await run("missing")).toBe(1);
    expect(await run("--format=json", "missing")).toBe(7);
    expect(await run("--no-such-flag", "resources")).toBe(1);
  });

  test.concurrent("compares what a pipe leads to", async () => {
    const workspace = bench.workspace();
    const run = async (stdin: string, ...args: readonly string[]): Promise<readonly [number | null, string]> => {
      const { status, stdout } = await workspace.generate([...args, "-"], { stdin });
      return [status, stdout];
    };
    expect((await run(FILES["resources/web.yaml"]))[0]).toBe(0);
    expect(await run(FILES["resources/web.yaml"], "--check")).toEqual([0, CLEAN]);
    expect((await run(deploymentYaml("other"), "--check"))[0]).toBe(1);
    const [status, json] = await run(deploymentYaml("other"), "--check", "--format=json");
    expect([status, (JSON.parse(json) as { changes: { file: string }[] }).changes.map(({ file }) => file)]).toEqual([
      1,
      ["manifest.json"],
    ]);
  });
});

describe("contrast generate --output-dir", () => {
  test.concurrent("writes every YAML file into the directory, and nothing the second time", async () => {
    const workspace = bench.workspace({ ...FILES, "resources/notes.txt": "not copied" });
    const inputs = snapshotOf(workspace.path("resources"));
    const { json } = await workspace.generateJson(["--output-dir=deploy/prod", "resources"]);
    const outputs = ["config/other.yaml", "coordinator.yml", "web.yaml"].map((name) => `deploy/prod/${name}`);
    expect(json.written?.filter((name) => name.startsWith("deploy"))).toEqual(outputs);
    expect(workspace.read("deploy/prod/config/other.yaml")).toBe(FILES["resources/config/other.yaml"]);
    expect(snapshotOf(workspace.path("resources"))).toEqual(inputs);

    const made = workspace.snapshot();
    const again = await workspace.generateJson(["--output-dir=deploy/prod", "resources"]);
    expect(again.json.written).toEqual(["coordinator-policy.sha256"]);
    expect(workspace.snapshot()).toEqual(made);
    expect(await workspace.generate(["--check", "--output-dir=deploy/prod", "resources"])).toMatchObject({ status: 0 });
    rmSync(workspace.path("deploy/prod/web.yaml"));
    expect((await workspace.generate(["--check", "--output-dir=deploy/prod", "resources"])).status).toBe(1);

    // The deployment is the directory; what an earlier run left there is told.
    rmSync(workspace.path("resources/web.yaml"));
    workspace.write("deploy/prod/web.yaml", FILES["resources/web.yaml"]);
    const { stderr } = await workspace.generate(["--output-dir=deploy/prod", "resources"]);
    expect(stderr).toContain("warning: deploy/prod/web.yaml");
  });

  test.concurrent("refuses before anything is written", async () => {
    const workspace = bench.workspace({ ...FILES, "more/web.yaml": FILES["resources/web.yaml"] });
    const before = workspace.snapshot();
    for (const [dir, ...paths] of [
      ["out", "resources", "more"],
      ["resources", "resources"],
      ["resources/out", "resources"],
      ["out", "-"],
    ]) {
      const { status } = await workspace.generate([`--output-dir=${dir}`, ...paths], {
        stdin: FILES["resources/web.yaml"],
      });
      expect([dir, status]).toEqual([dir, 1]);
    }
    expect(workspace.snapshot()).toEqual(before);
  });
});

describe("contrast generate --initdata", () => {
  test.concurrent("shows digests for both kinds of hardware; later commands read what it wrote", async () => {
    const workspace = bench.workspace(FILES);
    const { stdout, status } = await workspace.generate(["--initdata", "resources"]);
    expect(status).toBe(0);
    const [hash = ""] = Object.entries(workspace.manifest().Policies).find(([, { SANs }]) => SANs[0] === "web") ?? [];
    expect(stdout).toContain(
      `  Initdata of Deployment web: sha256 ${hash}\n    HOST_DATA ${hash}\n    MRCONFIGID ${hash}${"0".repeat(32)}\n`,
    );
    expect(await workspace.generate(["--initdata", "--check", "resources"])).toMatchObject({
      status: 0,
      stdout: CLEAN,
    });
    expect((await workspace.generate(["--check", "resources"])).status).toBe(1);
    const shown = await workspace.run(["policy", "show", "--format=json", "resources/web.yaml"]);
    expect([shown.status, shown.stdout.includes(hash)]).toEqual([0, true]);
    expect(workspace.read("coordinator-policy.sha256")).toHaveLength(64);
  });

  test.concurrent("wants its flags together", async () => {
    const workspace = bench.workspace(FILES);
    expect((await workspace.generateJson(["--initdata-algorithm=sha256", "resources"])).json.code).toBe(
      "generate/initdata-conflict",
    );
    expect((await workspace.generateJson(["--initdata", "--initdata-algorithm=md5", "resources"])).json.code).toBe(
      "policy/initdata-algorithm",
    );
  });
});
