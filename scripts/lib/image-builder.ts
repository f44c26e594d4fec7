import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TarMember, writeTar } from "./tar-writer.ts";

/** Builds small container images without a container engine; the same input gives the same bytes and digests. */

export type ImageFamily = "oci" | "docker";
type LayerCompression = "none" | "gzip" | "zstd";

/** A layer as its members, or as bytes of an archive (for hostile ones). */
export interface LayerInput {
  readonly members?: readonly TarMember[];
  readonly archive?: Uint8Array;
  readonly compression?: LayerCompression;
  /** Other media type than that of the compression. */
  readonly mediaType?: string;
}

export interface ImageInput {
  readonly family?: ImageFamily;
  readonly os?: string;
  readonly architecture?: string;
  /** The `config` member of the image configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly layers?: readonly LayerInput[];
}

/** Type, digest and size of content. */
interface BuiltDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image or index with everything below it. */
export interface BuiltImage {
  readonly descriptor: BuiltDescriptor;
  /** Content by digest, the own document included. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** A single-platform image also knows its parts. */
export interface BuiltPlatformImage extends BuiltImage {
  readonly config: BuiltDescriptor;
  readonly layers: readonly BuiltDescriptor[];
  /** Uncompressed layers, oldest first. */
  readonly archives: readonly Uint8Array[];
}

const TYPES = {
  oci: {
    index: "application/vnd.oci.image.index.v1+json",
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: {
      none: "application/vnd.oci.image.layer.v1.tar",
      gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
      zstd: "application/vnd.oci.image.layer.v1.tar+zstd",
    },
  },
  docker: {
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: {
      none: "application/vnd.docker.image.rootfs.diff.tar",
      gzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
      zstd: "application/vnd.docker.image.rootfs.diff.tar.zstd",
    },
  },
} as const;

/** SHA-256 in the form `sha256:…`. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Builds an image for one platform. */
export function buildImage(input: ImageInput = {}): BuiltPlatformImage {
  const types = TYPES[input.family ?? "oci"];
  const blobs = new Map<string, Uint8Array>();
  const layers = (input.layers ?? []).map((layer) => {
    const archive = layer.archive ?? writeTar(layer.members ?? []);
    const compression = layer.compression ?? "gzip";
    const descriptor = describe(compress(archive, compression), layer.mediaType ?? types.layer[compression], blobs);
    return { archive, descriptor };
  });
  const config = describe(
    encode({
      architecture: input.architecture ?? "amd64",
      os: input.os ?? "linux",
      ...(input.config === undefined ? {} : { config: input.config }),
      rootfs: { type: "layers", diff_ids: layers.map(({ archive }) => digestOf(archive)) },
    }),
    types.config,
    blobs,
  );
  const descriptors = layers.map(({ descriptor }) => descriptor);
  const manifest = encode({ schemaVersion: 2, mediaType: types.manifest, config, layers: descriptors });
  return {
    descriptor: describe(manifest, types.manifest, blobs),
    blobs,
    config,
    layers: descriptors,
    archives: layers.map(({ archive }) => archive),
  };
}

/** Builds an index; each entry's platform is `os/architecture[/variant]`, or undefined for an entry without. */
export function buildIndex(
  entries: readonly { readonly image: BuiltImage; readonly platform?: string }[],
  family: ImageFamily = "oci",
): BuiltImage {
  const blobs = new Map<string, Uint8Array>();
  const manifests = entries.map(({ image, platform }) => {
    for (const [digest, bytes] of image.blobs) blobs.set(digest, bytes);
    if (platform === undefined) return image.descriptor;
    const [os = "", architecture = "", variant] = platform.split("/");
    return { ...image.descriptor, platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } };
  });
  const { index } = TYPES[family];
  return { descriptor: describe(encode({ schemaVersion: 2, mediaType: index, manifests }), index, blobs), blobs };
}

/** Files of an OCI image layout; the key of `images` becomes the name annotation (the empty text gives none). */
export function layoutFiles(images: Readonly<Record<string, BuiltImage>>): Map<string, Uint8Array> {
  const manifests = Object.entries(images).map(([name, { descriptor }]) =>
    name === "" ? descriptor : { ...descriptor, annotations: { "org.opencontainers.image.ref.name": name } },
  );
  const files = new Map<string, Uint8Array>([
    ["oci-layout", encode({ imageLayoutVersion: "1.0.0" })],
    ["index.json", encode({ schemaVersion: 2, manifests })],
  ]);
  for (const { blobs } of Object.values(images)) {
    for (const [digest, bytes] of blobs) files.set(`blobs/${digest.replace(":", "/")}`, bytes);
  }
  return files;
}

/** Files of a docker-archive with one image. */
export function dockerArchiveFiles(image: BuiltPlatformImage, repoTags: readonly string[]): Map<string, Uint8Array> {
  const hex = image.config.digest.slice("sha256:".length);
  const layers = image.archives.map((archive) => [`${digestOf(archive).slice(7)}.tar`, archive] as const);
  const marker = [{ Config: `${hex}.json`, RepoTags: repoTags, Layers: layers.map(([name]) => name) }];
  const config = image.blobs.get(image.config.digest) ?? new Uint8Array();
  return new Map([["manifest.json", encode(marker)], [`${hex}.json`, config], ...layers]);
}

/** Writes files below a directory. */
export function writeFiles(root: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
  }
}

/** The same files as one tar archive. */
export function archiveOf(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return writeTar([...files].map(([name, content]) => ({ name, content })));
}

function describe(bytes: Uint8Array, mediaType: string, blobs: Map<string, Uint8Array>): BuiltDescriptor {
  const digest = digestOf(bytes);
  blobs.set(digest, bytes);
  return { mediaType, digest, size: bytes.length };
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function compress(bytes: Uint8Array, compression: LayerCompression): Uint8Array {
  if (compression === "gzip") return Bun.gzipSync(new Uint8Array(bytes));
  return compression === "zstd" ? Bun.zstdCompressSync(bytes) : bytes;
}
