import { afterAll } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, type BuiltImage } from "../../scripts/lib/image-builder.ts";
import { file } from "../../scripts/lib/tar-writer.ts";
import type { Image } from "../../src/oci/image.ts";
import { createImageProvider, type ImageProviderOptions } from "../../src/oci/image-provider.ts";
import { codeOfAsync } from "./error-code.ts";
import { providerOptions } from "./image-provider.ts";
import { type FakeRegistry, type FakeRegistryOptions, startRegistry } from "./registry.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** The sample image: account files in two layers, one layer for each compression. */
export const APP = buildImage({
  config: { User: "app" },
  layers: [
    { members: [file("etc/passwd", "old passwd"), file("etc/group", "group")] },
    { members: [file("etc/passwd", "passwd")], compression: "zstd" },
    { members: [file("app", "binary")], compression: "none" },
  ],
});
export const ACCOUNTS = { passwd: "passwd", group: "group" };

/** Registries of one test file, which end with it. */
export interface RegistryBench {
  /** A registry that has an image as `team/app:v1`, the sample when none is given. */
  readonly registryWith: (options?: FakeRegistryOptions, image?: BuiltImage) => Promise<FakeRegistry>;
  /** An image of the registry, over plain HTTP. */
  readonly load: (registry: FakeRegistry, options?: Partial<ImageProviderOptions>, name?: string) => Promise<Image>;
  /** The code with which loading fails. */
  readonly rejection: (
    registry: FakeRegistry,
    options?: Partial<ImageProviderOptions>,
    name?: string,
  ) => Promise<string>;
  /** Writes a file with credentials for the registry and returns the environment that names it. */
  readonly authEnv: (registry: FakeRegistry, entry: Readonly<Record<string, string>>) => Record<string, string>;
  /** A registry that has nothing. */
  readonly emptyRegistry: () => Promise<FakeRegistry>;
}

/** Made once at the top of a test file. */
export function createRegistryBench(): RegistryBench {
  const directory = temporaryDirectory();
  const started: FakeRegistry[] = [];
  afterAll(() => {
    for (const registry of started) registry.stop();
  });
  const load: RegistryBench["load"] = (registry, options = {}, name = "team/app:v1") => {
    const insecureRegistries = [`http://${registry.host}`];
    return createImageProvider(providerOptions({ insecureRegistries, ...options })).image(`${registry.host}/${name}`);
  };
  const start = async (options: FakeRegistryOptions = {}): Promise<FakeRegistry> => {
    const registry = await startRegistry(options);
    started.push(registry);
    return registry;
  };
  return {
    load,
    emptyRegistry: () => start(),
    registryWith: async (options, image = APP) => {
      const registry = await start(options);
      registry.push("team/app", "v1", image);
      return registry;
    },
    rejection: async (registry, options, name) => await codeOfAsync(() => load(registry, options, name)),
    authEnv: (registry, entry) => {
      const path = join(directory, `auth-${started.length}-${Object.keys(entry).join("-")}.json`);
      writeFileSync(path, JSON.stringify({ auths: { [registry.host]: entry } }));
      return { REGISTRY_AUTH_FILE: path };
    },
  };
}
