import * as v from "valibot";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { decodeUtf8 } from "../lib/files.ts";
import { type JsonObject, isJsonObject, parseJson } from "../lib/json.ts";
import { checkShape } from "../lib/check-shape.ts";
import { isSupportedDigest } from "./content-digest.ts";
import { type DocumentKind, documentKind, isContainerConfig } from "./media-type.ts";

/** Largest index or manifest that is read. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** Twice what container runtimes can stack. */
const MAX_LAYERS = 256;
const MAX_INDEX_ENTRIES = 1024;

const platform = v.object({ os: v.string(), architecture: v.string(), variant: v.optional(v.string()) });

const descriptor = v.object({
  mediaType: v.pipe(v.string(), v.maxLength(255)),
  digest: v.pipe(v.string(), v.check(isSupportedDigest, "not a complete SHA-256 or SHA-512 digest")),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  platform: v.nullish(platform),
  annotations: v.nullish(v.record(v.string(), v.string())),
});

const manifest = v.object({
  schemaVersion: v.literal(2),
  mediaType: v.optional(v.string()),
  config: descriptor,
  layers: v.pipe(v.array(descriptor), v.maxLength(MAX_LAYERS)),
});

const index = v.object({
  schemaVersion: v.literal(2),
  mediaType: v.optional(v.string()),
  manifests: v.pipe(v.array(descriptor), v.maxLength(MAX_INDEX_ENTRIES)),
});

/** What a document says about content that lies elsewhere: type, digest and size in bytes. */
export type Descriptor = Readonly<v.InferOutput<typeof descriptor>>;

/** The manifest of an image for one platform: one configuration, and layers from the oldest to the newest. */
export interface ImageManifest {
  readonly kind: "manifest";
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** A list of manifests for several platforms, or of further indexes. */
export interface ImageIndex {
  readonly kind: "index";
  readonly manifests: readonly Descriptor[];
}

/**
 * Parses an image index or manifest of the OCI or Docker family. Its content alone decides what it is; a media type
 * that somebody claimed for it, or that it claims for itself, must agree.
 *
 * @param claimedType of the registry's answer or the descriptor; undefined if there was none
 * @param what named in messages, such as `manifest of "nginx"`
 * @throws ContrastError `oci/manifest-invalid`, `oci/media-type-mismatch`, `oci/media-type-unsupported`
 * @see OCI image specification v1.1, manifest.md and image-index.md
 */
export function parseManifest(
  bytes: Uint8Array,
  claimedType: string | undefined,
  what: string,
): ImageManifest | ImageIndex {
  const document = parseDocument(bytes, what);
  if (document["schemaVersion"] === 1) {
    throw new ContrastError(
      "oci/media-type-unsupported",
      `Cannot use ${what}: Docker manifests of schema 1 are obsolete`,
      {
        hint: "Push the image again with a current tool.",
      },
    );
  }
  const isIndex = "manifests" in document;
  if (isIndex === ("config" in document || "layers" in document)) {
    throw new ContrastError("oci/manifest-invalid", `Cannot read ${what}: it is neither a manifest nor an index`);
  }
  const kind: DocumentKind = isIndex ? "index" : "manifest";
  const ownType = document["mediaType"];
  for (const type of [claimedType, typeof ownType === "string" ? ownType : undefined]) {
    if (type !== undefined) checkClaim(type, kind, what);
  }
  if (kind === "index") return { kind, manifests: checkShape(index, document, "oci/manifest-invalid", what).manifests };
  const { config, layers } = checkShape(manifest, document, "oci/manifest-invalid", what);
  if (!isContainerConfig(config.mediaType)) {
    throw new ContrastError(
      "oci/media-type-unsupported",
      `Cannot use ${what}: its configuration has type "${config.mediaType}", which is not that of a container image`,
    );
  }
  return { kind, config, layers };
}

/**
 * Parses the `index.json` of an OCI layout.
 *
 * @throws ContrastError `oci/manifest-invalid`, `oci/media-type-mismatch`
 */
export function parseIndex(bytes: Uint8Array, what: string): ImageIndex {
  const parsed = parseManifest(bytes, undefined, what);
  if (parsed.kind === "manifest") {
    throw new ContrastError("oci/media-type-mismatch", `Cannot use ${what}: got a manifest, need an index`);
  }
  return parsed;
}

function parseDocument(bytes: Uint8Array, what: string): JsonObject {
  try {
    const document = parseJson(decodeUtf8(bytes, what), what, { maxBytes: MAX_MANIFEST_BYTES, maxDepth: 16 });
    if (isJsonObject(document)) return document;
  } catch (error) {
    throw new ContrastError("oci/manifest-invalid", messageOf(error), { cause: error });
  }
  throw new ContrastError("oci/manifest-invalid", `Cannot read ${what}: it is not an object`);
}

function checkClaim(type: string, kind: DocumentKind, what: string): void {
  const claimed = documentKind(type);
  if (claimed === kind) return;
  const fact = claimed === undefined ? `"${type}"` : `${claimed} ("${type}")`;
  throw new ContrastError("oci/media-type-mismatch", `Cannot use ${what}: claimed as ${fact}, but it is a ${kind}`, {
    details: { claimed: type, actual: kind },
  });
}
