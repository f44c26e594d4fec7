import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../src/generate/generate.ts";
import type { GenerateResult } from "../../src/generate/generate-result.ts";
import { parsePlatform, PLATFORMS } from "../../src/manifest/platforms.ts";
import { callCommand } from "../fakes/call-command.ts";
import { IMAGE, POD, scene, type Scene } from "../fakes/generate-scene.ts";
import { textAt } from "../fakes/leaves.ts";
import { KnownImages } from "../fakes/known-images.ts";
import { listedResources, printedResources } from "../fakes/printed-resources.ts";
import { recordIo } from "../fakes/recorded-io.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const NAMES = ["runtime", "coordinator", "port-forwarder"];
const COORDINATOR_IMAGE = "registry.example/coordinator:1.0";

interface OwnScene extends Scene {
  /** What `contrast resources` printed, by file name. */
  readonly before: ReadonlyMap<string, string>;
  readonly read: (name: string) => string;
  readonly run: () => Promise<GenerateResult>;
}

/** A deployment whose cluster objects all come from `contrast resources`. */
async function ownScene(platform: string): Promise<OwnScene> {
  const images = new KnownImages({
    [IMAGE]: { Entrypoint: ["/web"] },
    "registry.example/initializer:1.0": { Entrypoint: ["/initializer"] },
    [COORDINATOR_IMAGE]: { Entrypoint: ["/coordinator"] },
  });
  const made = scene(POD, { platform: parsePlatform(platform) });
  const table = join(made.directory, "images.txt");
  writeFileSync(
    table,
    `${readFileSync(table, "utf8")}ghcr.io/edgelesssys/contrast/coordinator:latest = ${COORDINATOR_IMAGE}\n`,
  );
  mkdirSync(join(made.directory, "resources"), { recursive: true });
  const pathOf = (name: string): string => join(made.directory, "resources", `${name}.yaml`);
  const read = (name: string): string => readFileSync(pathOf(name), "utf8");
  for (const name of NAMES) {
    const namespace = name === "runtime" ? [] : ["--namespace", "shop"];
    const words = [name, "--platform", platform, ...namespace, "--image-replacements", table];
    writeFileSync(pathOf(name), await printedResources(words));
  }
  const before = new Map(NAMES.map((name) => [name, read(name)]));
  return { ...made, before, read, run: () => generate(made.options, { ...made.services, images }) };
}

/** Lines that a text has and the other has not. */
function linesOnlyIn(text: string, other: string): readonly string[] {
  const known = new Set(other.split("\n"));
  return text.split("\n").filter((line) => !known.has(line));
}

describe.each(PLATFORMS)("generate() on the output of contrast resources for $name", ({ name }) => {
  test("gives the Coordinator its policy, changes nothing else, and a second run changes nothing", async () => {
    const { run, read, before, directory } = await ownScene(name);
    await run();
    expect(read("runtime")).toBe(before.get("runtime")!);
    expect(read("port-forwarder")).toBe(before.get("port-forwarder")!);
    const [old, now] = [before.get("coordinator")!, read("coordinator")];
    expect(linesOnlyIn(now, old)).toEqual([
      expect.stringMatching(/^ {8}io\.katacontainers\.config\.agent\.policy: [A-Za-z0-9+/]+=*$/),
      expect.stringMatching(/^ +image: registry\.example\/coordinator:1\.0@sha256:[0-9a-f]{64}$/),
    ]);
    expect(linesOnlyIn(old, now)).toEqual([`          image: ${COORDINATOR_IMAGE}`]);

    const hash = readFileSync(join(directory, "coordinator-policy.sha256"), "utf8");
    const manifest = JSON.parse(readFileSync(join(directory, "manifest.json"), "utf8"));
    expect(manifest.Policies[hash]).toMatchObject({ SANs: ["coordinator", "*"] });
    expect(Object.keys(manifest.Policies)).toHaveLength(2);

    const files = [...NAMES, "pod"].map(read);
    await run();
    expect([...NAMES, "pod"].map(read)).toEqual(files);
  });

  test("has the name of the RuntimeClass in every confidential pod", async () => {
    const { run, read } = await ownScene(name);
    await run();
    const { items } = await listedResources(["runtime", "--platform", name]);
    const line = `runtimeClassName: ${textAt(items[0], "handler")}\n`;
    for (const file of ["coordinator", "pod"]) expect(read(file)).toContain(line);
  });

  test("leaves nothing for lint to tell", async () => {
    const directory = temporaryDirectory();
    // A port-forwarder is told, and rightly so: it runs outside of any guest.
    writeFileSync(join(directory, "runtime.yaml"), await printedResources(["runtime", "--platform", name]));
    const coordinator = await printedResources(["coordinator", "--platform", name, "--namespace", "shop"]);
    writeFileSync(join(directory, "coordinator.yaml"), coordinator);
    const io = recordIo({ format: "json" });
    await callCommand(["lint", "--reference-values", name, directory], io);
    expect(JSON.parse(io.printed[0] ?? "").findings).toEqual([]);
  });
});
