import { ContrastError } from "../lib/errors.ts";

/** Registry to its mirrors, in the order in which they are asked. */
export type RegistryMirrors = ReadonlyMap<string, readonly string[]>;

const REGISTRY = /^[A-Za-z0-9.-]+(?::[0-9]+)?$/;
const MIRROR = /^[A-Za-z0-9.-]+(?::[0-9]+)?(?:\/[a-z0-9._/-]*[a-z0-9])?$/;

/**
 * Parses the values of `--registry-mirror`: `REGISTRY=HOST[:PORT][/PREFIX]`, repeatable for several mirrors.
 *
 * @throws ContrastError `oci/image-source-invalid`
 */
export function parseRegistryMirrors(values: readonly string[]): RegistryMirrors {
  const mirrors = new Map<string, string[]>();
  for (const value of values) {
    const [registry = "", mirror = "", ...rest] = value.split("=");
    if (rest.length > 0 || !REGISTRY.test(registry) || !MIRROR.test(mirror)) {
      throw new ContrastError(
        "oci/image-source-invalid",
        `Cannot use registry mirror "${value}": need REGISTRY=HOST[:PORT][/PREFIX]`,
      );
    }
    const name = registry === "index.docker.io" ? "docker.io" : registry;
    mirrors.set(name, [...(mirrors.get(name) ?? []), mirror]);
  }
  return mirrors;
}
