import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../src/generate/generate.ts";
import type { GenerateResult } from "../../src/generate/generate-result.ts";
import { parsePlatform } from "../../src/manifest/platforms.ts";
import { IMAGE, POD, scene, type Scene } from "./generate-scene.ts";
import { KnownImages } from "./known-images.ts";
import { printedResources } from "./printed-resources.ts";

/** What `contrast resources` prints, and the names of files without their ending. */
export const OWN_NAMES = ["runtime", "coordinator", "port-forwarder"];
/** Replaces the image of the release. */
export const COORDINATOR_IMAGE = "registry.example/coordinator:1.0";

/** A scene with cluster objects beside its pod. */
interface OwnScene extends Scene {
  /** What `contrast resources` printed, by file name. */
  readonly before: ReadonlyMap<string, string>;
  readonly read: (name: string) => string;
  readonly run: () => Promise<GenerateResult>;
}

/** A deployment whose cluster objects all come from `contrast resources`. */
export async function ownScene(platform: string): Promise<OwnScene> {
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
  const pathOf = (name: string): string => join(made.directory, "resources", `${name}.yaml`);
  const read = (name: string): string => readFileSync(pathOf(name), "utf8");
  for (const name of OWN_NAMES) {
    const namespace = name === "runtime" ? [] : ["--namespace", "shop"];
    const words = [name, "--platform", platform, ...namespace, "--image-replacements", table];
    writeFileSync(pathOf(name), await printedResources(words));
  }
  const before = new Map(OWN_NAMES.map((name) => [name, read(name)]));
  return { ...made, before, read, run: () => generate(made.options, { ...made.services, images }) };
}
