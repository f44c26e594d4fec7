import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createPublicKey } from "node:crypto";
import { isPermitted } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { hashOf, policyTexts } from "./policy-text.ts";
import { deploymentYaml, podYaml } from "./sample-yaml.ts";
import { GenerateBench, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

// What is tested here does not depend on the self-check, which would take most of the time.
const bench = new GenerateBench(temporaryDirectory(), ["--no-self-check"]);

/** Many workloads in several files, so that a run takes a while. */
const MANY = Object.fromEntries(
  ["a", "b", "c"].map((file) => {
    const workloads = Array.from({ length: 12 }, (_, index) => deploymentYaml(`${file}${index}`));
    return [`${file}.yaml`, workloads.join("---\n")];
  }),
);

/** A registry that takes requests and never answers. */
const silentRegistry = (): { readonly host: string; readonly asked: Promise<void> } => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch() {
      resolve();
      return await new Promise<Response>(() => {});
    },
  });
  afterAll(() => void server.stop(true));
  return { host: `127.0.0.1:${server.port}`, asked: promise };
};
const registry = silentRegistry();

/** Policies in the YAML, keys in the key files and entries of the manifest belong together. */
function expectConsistent(workspace: Workspace): void {
  const names = readdirSync(workspace.path("."));
  const policies = names.filter((name) => name.endsWith(".yaml")).flatMap((name) => policyTexts(workspace.read(name)));
  const { Policies, WorkloadOwnerKeyDigests: digests } = workspace.manifest();
  expect(policies.map(hashOf).toSorted()).toEqual(Object.keys(Policies));
  const spki = createPublicKey(workspace.read("workload-owner.pem")).export({ type: "spki", format: "der" });
  expect(digests).toEqual([new Bun.CryptoHasher("sha256").update(spki).digest("hex")]);
  expect(names.filter((name) => /\.(?:tmp|bak)$/.test(name))).toEqual([]);
}

describe("contrast generate", () => {
  test.concurrent.each(["SIGINT", "SIGTERM"] as const)(
    "stops at %s while it waits for a registry, and changes nothing",
    async (signal) => {
      const image = `${registry.host}/web:1.0`;
      const workspace = bench.workspace({ "a.yaml": podYaml("a"), "b.yaml": podYaml("b", "", image) });
      const before = workspace.snapshot();
      const args = ["--offline=false", `--insecure-registry=http://${registry.host}`, "."];
      const child = await workspace.start([...workspace.generateArgs(), ...args]);
      await registry.asked;
      child.kill(signal);
      const [stdout, stderr] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
      ]);
      await child.exited;
      expect([child.exitCode, child.signalCode]).toEqual([1, null]);
      expect(stdout).toStartWith(`\rCaught ${signal}`);
      expect(stderr).toContain("Error: ");
      expect(workspace.snapshot()).toEqual(before);
    },
  );

  test.concurrent("is done or has changed nothing, whenever it is interrupted", async () => {
    const reference = bench.workspace(MANY);
    const { elapsedMs, status } = await reference.generate(["."]);
    expect(status).toBe(0);
    const finished = reference.snapshot();
    const interrupted = Array.from({ length: 6 }, async (_, index) => {
      const workspace = bench.workspace(MANY);
      const before = workspace.snapshot();
      const child = await workspace.start([...workspace.generateArgs(), "."]);
      await Bun.sleep(((index + 1) * elapsedMs) / 6);
      child.kill("SIGINT");
      await child.exited;
      // A signal before the program listens ends it as every other program.
      expect([0, 1, null]).toContain(child.exitCode);
      expect(workspace.snapshot()).toEqual(child.exitCode === 0 ? finished : before);
    });
    await Promise.all(interrupted);
  });

  test.concurrent("leaves no file that is cut when it is killed, and the next run finishes the work", async () => {
    const reference = bench.workspace(MANY);
    const { elapsedMs, status } = await reference.generate(["."]);
    expect(status).toBe(0);
    const killed = Array.from({ length: 5 }, async (_, index) => {
      const workspace = bench.workspace(MANY);
      const child = await workspace.start([...workspace.generateArgs(), "."]);
      await Bun.sleep(((index + 3) * elapsedMs) / 8);
      child.kill("SIGKILL");
      await child.exited;
      for (const [name, text] of Object.entries(MANY)) {
        expect([text, reference.read(name)]).toContain(workspace.read(name));
      }
      expect(await workspace.generate(["."])).toMatchObject({ status: 0 });
      for (const name of [...Object.keys(MANY), "manifest.json", "rules.rego", "settings.json"]) {
        expect(workspace.read(name)).toBe(reference.read(name));
      }
    });
    await Promise.all(killed);
  });

  test.concurrent("may run several times at once in one directory with one cache", async () => {
    const workspace = bench.workspace({ ...MANY, "only.yaml": podYaml("only") });
    const runs = await Promise.all(Array.from({ length: 3 }, () => workspace.generate(["."])));
    // Who comes second to create a file gives up.
    expect(runs.some(({ status }) => status === 0)).toBe(true);
    expectConsistent(workspace);
    const settled = workspace.snapshot();
    const again = await Promise.all(Array.from({ length: 3 }, () => workspace.generate(["."])));
    expect(again.map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(workspace.snapshot()).toEqual(settled);
  });

  test.concurrent("makes a key that fits the manifest when several runs want to make it", async () => {
    const workspace = bench.workspace({ "web.yaml": podYaml("web") }, { keys: false });
    // The other key takes seconds to make.
    workspace.write("seedshare-owner.pem", bench.keys.seedsharePem);
    const runs = await Promise.all(Array.from({ length: 3 }, () => workspace.generateJson(["."])));
    expect(runs.some(({ status }) => status === 0)).toBe(true);
    for (const { json } of runs.filter(({ status }) => status !== 0)) expect(json.code).toBe("lib/file-unwritable");
    expectConsistent(workspace);
  });

  const canMount = isPermitted(
    "a full disk",
    "unshare",
    "--map-root-user",
    "--mount",
    "mount",
    "-t",
    "tmpfs",
    "tmpfs",
    "/mnt",
  );

  test.concurrent.if(canMount)("changes nothing when the disk becomes full, whatever it is writing then", async () => {
    // The disk exists only inside of the command, so the command compares.
    const script = `mount -t tmpfs -o size="$1" tmpfs disk && shift && cp -a ./*.yaml ./*.pem disk && cd disk || exit 90
state() { find . -type f | sort | xargs sha256sum; }
state > ../before; "$@" 2> ../errors; status=$?; state > ../after
[ "$status" = 0 ] || cmp ../before ../after || exit 91
exit "$status"`;
    const outcomes = await Promise.all(
      [16, 100, 130, 160, 200, 240, 300, 400].map(async (kibibytes) => {
        const workspace = bench.workspace({ "a.yaml": podYaml("a"), "b.yaml": podYaml("b") });
        mkdirSync(workspace.path("disk"));
        const wrapper = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", `${kibibytes}k`];
        const { status, stdout } = await workspace.generate(["."], { wrapper });
        const errors = readFileSync(join(workspace.path("errors")), "utf8");
        if (status !== 0) {
          expect([status, stdout]).toEqual([1, ""]);
          expect(errors).toContain('Error: Cannot write "');
        }
        return status;
      }),
    );
    expect([outcomes.at(0), outcomes.at(-1)]).toEqual([1, 0]);
    // Some disks were full before the YAML was written, and some after.
    expect(outcomes.filter((status) => status === 1).length).toBeGreaterThan(2);
  });
});
