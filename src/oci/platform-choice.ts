import type { Descriptor, ImageIndex } from "./image-manifest.ts";

/** The platform of every confidential pod. */
const OS = "linux";
const ARCHITECTURE = "amd64";

/**
 * Entries of an index that may lead to an image for linux/amd64, best first: entries for the platform (without a CPU
 * variant before others), then entries that do not say their platform and must be opened to know.
 */
export function platformCandidates(index: ImageIndex): readonly Descriptor[] {
  const named = index.manifests.filter(({ platform }) => platform?.os === OS && platform.architecture === ARCHITECTURE);
  const plain = named.filter(({ platform }) => isPlainVariant(platform?.variant));
  const special = named.filter(({ platform }) => !isPlainVariant(platform?.variant));
  const silent = index.manifests.filter(({ platform }) => platform === undefined || platform === null);
  return [...plain, ...special, ...silent];
}

/** Whether an image configuration allows the platform; one that does not say it is taken as fitting. */
export function isPlatform(os: string | undefined, architecture: string | undefined): boolean {
  return ["", OS].includes(os ?? "") && ["", ARCHITECTURE].includes(architecture ?? "");
}

/** Names the platforms of an index for a message, such as `linux/arm64/v8`. */
export function platformNames(index: ImageIndex): readonly string[] {
  return index.manifests.map(({ platform }) =>
    platform === undefined || platform === null
      ? "unnamed"
      : [platform.os, platform.architecture, platform.variant]
          .filter((part) => part !== undefined && part !== "")
          .join("/"),
  );
}

function isPlainVariant(variant: string | undefined): boolean {
  return variant === undefined || variant === "" || variant === "v1";
}
