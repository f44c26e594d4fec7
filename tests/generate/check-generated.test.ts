import { describe, expect, test } from "bun:test";
import { createPublicKey } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkedRun } from "../fakes/checked-run.ts";
import { generate } from "../../src/generate/generate.ts";
import { snapshotOf } from "../e2e/snapshot.ts";
import { createSampleKeys } from "../e2e/sample-keys.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { POD, scene, type Scene } from "../fakes/generate-scene.ts";

const COORDINATOR = POD.replace(
  "metadata:\n",
  "metadata:\n  annotations: {contrast.edgeless.systems/pod-role: coordinator}\n",
);

const edit = (path: string, change: (text: string) => string): void =>
  writeFileSync(path, change(readFileSync(path, "utf8")));

const yamlOf = ({ directory }: Scene): string => join(directory, "resources", "pod.yaml");

/** Each changes one thing after a run; the files that the next run would write. */
const CHANGES: readonly (readonly [string, readonly string[], (made: Scene) => void])[] = [
  [
    "the YAML",
    ["pod.yaml", "manifest.json"],
    (made) => edit(yamlOf(made), (yaml) => yaml.replace("runAsUser: 1000", "runAsUser: 1001")),
  ],
  [
    "the policy in it",
    ["pod.yaml"],
    (made) => edit(yamlOf(made), (yaml) => yaml.replace(/policy: .{8}/, "policy: AAAABBBB")),
  ],
  [
    "the runtime class",
    ["pod.yaml"],
    (made) => edit(yamlOf(made), (yaml) => yaml.replace(/contrast-cc-\S+/, "contrast-cc")),
  ],
  [
    "the settings",
    ["pod.yaml", "manifest.json"],
    ({ options }) =>
      edit(options.settingsPath, (text) => text.replace('"ReadStreamRequest": true', '"ReadStreamRequest": false')),
  ],
  ["the rules", ["pod.yaml", "manifest.json"], ({ options }) => edit(options.rulesPath, (text) => `${text}# more\n`)],
  [
    "an image",
    ["pod.yaml", "manifest.json"],
    (made) => edit(yamlOf(made), (yaml) => yaml.replace(/@sha256:\w+/, `@sha256:${"ef".repeat(32)}`)),
  ],
  [
    "the manifest",
    ["manifest.json"],
    ({ options }) => edit(options.manifestPath, (text) => text.replace("core/v1/Pod/shop/web", "else")),
  ],
  [
    "an owner key",
    ["manifest.json"],
    ({ options }) => writeFileSync(options.workloadOwnerKeys[0]!, createSampleKeys().workloadPem),
  ],
  ["the name of the manifest", ["manifest.json"], ({ options }) => rmSync(options.manifestPath)],
  ["the name of the rules", ["rules.rego"], ({ options }) => rmSync(options.rulesPath)],
  ["the name of the settings", ["settings.json"], ({ options }) => rmSync(options.settingsPath)],
  [
    "the hash of the Coordinator",
    ["coordinator-policy.sha256"],
    ({ options }) => writeFileSync(options.coordinatorHashPath, "x"),
  ],
  ["the name of a key", ["workload-owner.pem"], ({ options }) => rmSync(options.workloadOwnerKeys[0]!)],
  ["the name of the other key", ["seedshare-owner.pem"], ({ options }) => rmSync(options.seedshareOwnerKeys[0]!)],
];

const names = (changes: readonly { readonly path: string }[]): readonly string[] =>
  changes.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));

describe("checkGenerated()", () => {
  test.each(CHANGES)(
    "finds a change of %s after a run, and nothing after the next one",
    async (what, files, change) => {
      // Other rules are tried by a slower engine, which is not what is tested here.
      const selfCheck = what !== "the rules";
      const made = scene(what.includes("Coordinator") ? COORDINATOR : POD, { selfCheck });
      const { options, services, directory } = made;
      await generate(options, services);
      expect((await checkedRun(options, services)).changes).toEqual([]);
      change(made);
      const before = snapshotOf(directory);
      const { changes, result } = await checkedRun(options, services);
      expect(names(changes).filter((name) => name !== "coordinator-policy.sha256" || files.includes(name))).toEqual([
        ...files,
      ]);
      expect(result.written).toEqual([]);
      expect(snapshotOf(directory)).toEqual(before);
      await generate(options, services);
      expect((await checkedRun(options, services)).changes).toEqual([]);
    },
  );

  test("tells everything of a first run without making anything, not even keys", async () => {
    const { options, services, directory } = scene(POD);
    for (const path of [...options.workloadOwnerKeys, ...options.seedshareOwnerKeys]) rmSync(path);
    const before = snapshotOf(directory);
    const started = performance.now();
    const { changes } = await checkedRun(options, services);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(names(changes)).toEqual([
      "pod.yaml",
      "rules.rego",
      "settings.json",
      "workload-owner.pem",
      "seedshare-owner.pem",
      "manifest.json",
    ]);
    expect(changes.map(({ before: old }) => old === undefined)).toEqual([false, true, true, true, true, true]);
    expect(changes.filter(({ path }) => path.endsWith(".pem")).map(({ after }) => after)).toEqual(["", ""]);
    expect(snapshotOf(directory)).toEqual(before);
  });

  test("is content with public keys, as CI has them", async () => {
    const { options, services, directory } = scene(POD);
    await generate(options, services);
    const publish = ([path = ""]: readonly string[]): string[] => {
      const out = join(directory, `${path.slice(path.lastIndexOf("/") + 1)}.pub`);
      writeFileSync(out, createPublicKey(readFileSync(path)).export({ type: "spki", format: "pem" }));
      return [out];
    };
    const keys = {
      workloadOwnerKeys: publish(options.workloadOwnerKeys),
      seedshareOwnerKeys: publish(options.seedshareOwnerKeys),
    };
    for (const path of [...options.workloadOwnerKeys, ...options.seedshareOwnerKeys]) rmSync(path);
    expect((await checkedRun({ ...options, ...keys }, services)).changes).toEqual([]);
  });

  test("compares outputs where they go", async () => {
    const { options, services, directory } = scene(POD);
    for (const change of [{ outputPath: join(directory, "all.yaml") }, { outputDirectory: join(directory, "out") }]) {
      const other = { ...options, ...change };
      expect((await checkedRun(other, services)).changes).not.toEqual([]);
      await generate(other, services);
      expect((await checkedRun(other, services)).changes).toEqual([]);
      edit(yamlOf({ directory } as Scene), (yaml) => yaml.replace("# kept\n", "# kept\n# more\n"));
      expect(names((await checkedRun(other, services)).changes)).toEqual([
        change.outputPath === undefined ? "pod.yaml" : "all.yaml",
      ]);
      edit(yamlOf({ directory } as Scene), (yaml) => yaml.replace("# more\n", ""));
    }
  });

  test("compares what standard input leads to, not the stream itself", async () => {
    const { options, services } = scene(POD);
    let text = POD;
    const piped = { ...services, readInput: async () => new TextEncoder().encode(text) };
    const fromPipe = { ...options, paths: ["-"] };
    await generate(fromPipe, piped);
    expect((await checkedRun(fromPipe, piped)).changes).toEqual([]);
    text = POD.replace("runAsUser: 1000", "runAsUser: 0");
    expect(names((await checkedRun(fromPipe, piped)).changes)).toEqual(["manifest.json"]);
  });

  test("is stopped by what stops generate", async () => {
    const { options, services } = scene(POD.replace("web:1.0", "none:1.0"));
    expect(await codeOfAsync(() => checkedRun(options, services))).toBe("oci/image-not-found");
  });
});
