import type { Compression } from "../lib/decompress.ts";

/** What a document of an image is; decided by its content and compared with what was claimed. */
export type DocumentKind = "index" | "manifest";

const INDEX_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const MANIFEST_TYPES = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
const CONFIG_TYPES = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/** What is asked for when a manifest is fetched. */
export const ACCEPTED_MANIFEST_TYPES = [...INDEX_TYPES, ...MANIFEST_TYPES].join(", ");

/** The kind of document that a media type stands for; undefined for every other type. */
export function documentKind(mediaType: string): DocumentKind | undefined {
  if (INDEX_TYPES.includes(mediaType)) return "index";
  return MANIFEST_TYPES.includes(mediaType) ? "manifest" : undefined;
}

/** Whether a configuration of this type describes a container (and not a chart, signature or other artifact). */
export function isContainerConfig(mediaType: string): boolean {
  return CONFIG_TYPES.includes(mediaType);
}

const LAYER_COMPRESSION: Readonly<Record<string, Compression>> = {
  "application/vnd.oci.image.layer.v1.tar": "none",
  "application/vnd.oci.image.layer.v1.tar+gzip": "gzip",
  "application/vnd.oci.image.layer.v1.tar+zstd": "zstd",
  "application/vnd.docker.image.rootfs.diff.tar": "none",
  "application/vnd.docker.image.rootfs.diff.tar.gzip": "gzip",
  "application/vnd.docker.image.rootfs.diff.tar.zstd": "zstd",
};

/** Why a layer cannot be read, as words for a message. */
export type UnreadableLayer = "encrypted" | "foreign" | "of an unknown type";

/** How to read a layer of this type, or why that is not possible. */
export function layerCompression(
  mediaType: string,
): { readonly compression: Compression } | { readonly unreadable: UnreadableLayer } {
  const compression = Object.hasOwn(LAYER_COMPRESSION, mediaType) ? LAYER_COMPRESSION[mediaType] : undefined;
  if (compression !== undefined) return { compression };
  if (mediaType.endsWith("+encrypted")) return { unreadable: "encrypted" };
  return { unreadable: /nondistributable|\.foreign\./.test(mediaType) ? "foreign" : "of an unknown type" };
}
