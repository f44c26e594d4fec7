import { ContrastError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { ContentSource } from "./content-source.ts";
import { MAX_CONFIG_BYTES, type ParsedConfig, parseConfig } from "./image-config.ts";
import {
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  MAX_MANIFEST_BYTES,
  parseManifest,
} from "./image-manifest.ts";
import { isPlatform, platformCandidates, platformNames } from "./platform-choice.ts";
import type { ResolvedImage } from "./resolved-image.ts";

/** Indexes below the one that a reference names. */
const MAX_NESTED_INDEXES = 2;
/** Documents that are opened to find the platform. */
const MAX_OPENED_DOCUMENTS = 16;

/**
 * Follows a reference's document down to the manifest and configuration for linux/amd64.
 *
 * @param name the reference, named in messages
 * @throws ContrastError `oci/platform-missing` with the platforms that exist, `oci/manifest-invalid`,
 *   `oci/config-invalid`, `oci/media-type-mismatch`, `oci/media-type-unsupported`, and what the source throws
 */
export async function resolveImage(source: ContentSource, name: string, log: Logger): Promise<ResolvedImage> {
  const root = await source.root();
  const document = parseManifest(root.bytes, root.mediaType, `manifest of "${name}"`);
  const search = new PlatformSearch(source, name);
  const found =
    document.kind === "manifest" ? await search.open(root.digest, document) : await search.descend(document, 0);
  if (found === undefined) throw search.missing();
  const { digest, manifest, config } = found;
  if (!isPlatform(config.os, config.architecture)) {
    log.warn("image is not for linux/amd64", { image: name, os: config.os, architecture: config.architecture });
  }
  return {
    digest: root.digest,
    digestOrigin: "registry",
    manifestDigest: digest,
    config,
    attempt: (task) => source.attempt(task),
    layers: manifest.layers.flatMap((layer, index) => {
      const diffId = config.diffIds[index];
      if (diffId === undefined) return [];
      const { digest, size: sizeBytes, mediaType } = layer;
      return [{ digest, sizeBytes, mediaType, diffId, open: async () => await source.open(layer) }];
    }),
  };
}

interface FoundImage {
  readonly digest: string;
  readonly manifest: ImageManifest;
  readonly config: ParsedConfig;
}

class PlatformSearch {
  readonly #source: ContentSource;
  readonly #name: string;
  readonly #platforms = new Set<string>();
  #opened = 0;

  constructor(source: ContentSource, name: string) {
    this.#source = source;
    this.#name = name;
  }

  missing(): ContrastError {
    const platforms = [...this.#platforms].slice(0, 30).join(", ");
    return new ContrastError(
      "oci/platform-missing",
      `Cannot use image "${this.#name}": it exists for ${platforms === "" ? "no platform" : platforms}, need linux/amd64`,
      { hint: "Build or choose an image for linux/amd64.", details: { platforms } },
    );
  }

  /** The first image below the index that fits; entries that name the platform come first. */
  async descend(index: ImageIndex, depth: number): Promise<FoundImage | undefined> {
    for (const platform of platformNames(index)) this.#platforms.add(platform);
    for (const descriptor of platformCandidates(index)) {
      if (++this.#opened > MAX_OPENED_DOCUMENTS) return undefined;
      const isNamed = descriptor.platform !== undefined && descriptor.platform !== null;
      const found = await this.#enter(descriptor, depth);
      if (found !== undefined && (isNamed || isPlatform(found.config.os, found.config.architecture))) return found;
    }
    return undefined;
  }

  async #enter(descriptor: Descriptor, depth: number): Promise<FoundImage | undefined> {
    const what = `manifest ${descriptor.digest} of "${this.#name}"`;
    if (descriptor.size > MAX_MANIFEST_BYTES) {
      throw new ContrastError(
        "oci/manifest-invalid",
        `Cannot read ${what}: ${descriptor.size} bytes, limit ${MAX_MANIFEST_BYTES}`,
      );
    }
    const bytes = await this.#source.document(descriptor, "manifest");
    const document = parseManifest(bytes, descriptor.mediaType, what);
    if (document.kind === "manifest") return await this.open(descriptor.digest, document);
    if (depth < MAX_NESTED_INDEXES) return await this.descend(document, depth + 1);
    throw new ContrastError(
      "oci/manifest-invalid",
      `Cannot read ${what}: more than ${MAX_NESTED_INDEXES} nested indexes`,
    );
  }

  async open(digest: string, manifest: ImageManifest): Promise<FoundImage> {
    const what = `configuration of "${this.#name}"`;
    const { size } = manifest.config;
    if (size > MAX_CONFIG_BYTES) {
      throw new ContrastError("oci/config-invalid", `Cannot read ${what}: ${size} bytes, limit ${MAX_CONFIG_BYTES}`);
    }
    const config = parseConfig(await this.#source.document(manifest.config, "config"), what);
    const { length } = config.diffIds;
    if (length !== manifest.layers.length) {
      throw new ContrastError(
        "oci/config-invalid",
        `Cannot use ${what}: it has ${length} layers, but the manifest has ${manifest.layers.length}`,
      );
    }
    return { digest, manifest, config };
  }
}
