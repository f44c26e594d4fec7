import * as v from "valibot";
import { sha256Digest } from "../../lib/digest.ts";
import { ContrastError, messageOf } from "../../lib/errors.ts";
import { decodeUtf8 } from "../../lib/files.ts";
import { parseJson } from "../../lib/json.ts";
import { verifyDigest } from "../content-digest.ts";
import { MAX_CONFIG_BYTES, parseConfig } from "../image-config.ts";
import { type ImageReference, canonicalReference, parseReference } from "../reference.ts";
import type { ResolvedImage } from "../resolved-image.ts";
import { type LocalFiles, findLocalFile, readLocalFile, streamRange } from "./local-files.ts";

/** File that makes a tar archive a docker-archive. */
export const DOCKER_ARCHIVE_MARKER = "manifest.json";

const MAX_MARKER_BYTES = 4 * 1024 * 1024;

const marker = v.array(
  v.object({
    Config: v.string(),
    RepoTags: v.nullish(v.array(v.string())),
    Layers: v.nullish(v.array(v.string())),
  }),
);

/**
 * The image in a docker-archive (`docker save`, `skopeo copy … docker-archive:`) that a reference names. Such an archive
 * holds no registry manifest: the layers are checked against the configuration, but no registry digest can be proven.
 *
 * @throws ContrastError `oci/digest-unprovable` for a reference with a digest, `oci/image-not-found`,
 *   `oci/archive-invalid`, `oci/config-invalid`, `oci/digest-mismatch`
 * @see moby image/spec/v1.2, "Combined Image JSON + Filesystem Changeset Format"
 */
export async function readDockerArchive(files: LocalFiles, reference: ImageReference): Promise<ResolvedImage> {
  const { path } = files;
  if (reference.digest !== undefined) {
    throw new ContrastError(
      "oci/digest-unprovable",
      `Cannot take "${reference.original}" from "${path}": a docker-archive cannot prove a registry digest`,
      { hint: `Save the image as an OCI layout: skopeo copy docker://${reference.original} oci:DIRECTORY` },
    );
  }
  const chosen = choose(
    parseMarker(await readLocalFile(files, DOCKER_ARCHIVE_MARKER, MAX_MARKER_BYTES), path),
    reference,
    path,
  );
  const bytes = await readLocalFile(files, chosen.Config, MAX_CONFIG_BYTES);
  const what = `configuration of "${reference.original}" in "${path}"`;
  const named = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(chosen.Config)?.[1];
  if (named !== undefined) verifyDigest(bytes, `sha256:${named}`, what);
  const parsed = parseConfig(bytes, what);
  const names = chosen.Layers ?? [];
  if (names.length !== parsed.diffIds.length) {
    throw new ContrastError(
      "oci/archive-invalid",
      `Cannot use "${path}": ${names.length} layers, but the configuration has ${parsed.diffIds.length}`,
    );
  }
  const ranges = await Promise.all(names.map(async (name) => await findLocalFile(files, name)));
  const digest = sha256Digest(bytes);
  return {
    digest,
    digestOrigin: "image-id",
    manifestDigest: digest,
    config: parsed,
    attempt: (task) => task(),
    layers: ranges.flatMap((range, index) => {
      const diffId = parsed.diffIds[index];
      if (diffId === undefined) return [];
      const layer = { digest: diffId, diffId, sizeBytes: range.sizeBytes, mediaType: UNCOMPRESSED_LAYER };
      return [{ ...layer, open: async () => streamRange(range) }];
    }),
  };
}

const UNCOMPRESSED_LAYER = "application/vnd.docker.image.rootfs.diff.tar";

type ArchivedImage = v.InferOutput<typeof marker>[number];

function parseMarker(bytes: Uint8Array, path: string): readonly ArchivedImage[] {
  const what = `manifest.json of "${path}"`;
  try {
    const json = parseJson(decodeUtf8(bytes, what), what, { maxBytes: MAX_MARKER_BYTES, maxDepth: 8 });
    return v.parse(marker, json);
  } catch (error) {
    throw new ContrastError("oci/archive-invalid", `Cannot read ${what}: ${messageOf(error)}`, { cause: error });
  }
}

function choose(images: readonly ArchivedImage[], reference: ImageReference, path: string): ArchivedImage {
  const wanted = canonicalReference(reference);
  const named = images.filter(({ RepoTags }) => (RepoTags ?? []).some((tag) => canonicalOf(tag) === wanted));
  const [first, second] = named.length === 0 && images.length === 1 ? images : named;
  if (first !== undefined && second === undefined) return first;
  const present = images.flatMap(({ RepoTags }) => RepoTags ?? []).slice(0, 20);
  throw new ContrastError(
    "oci/image-not-found",
    `Cannot find the image in docker-archive "${path}": ${first === undefined ? "none" : "more than one"} is named "${wanted}"`,
    { hint: `The archive has: ${present.length === 0 ? "no named image" : present.join(", ")}.`, details: { path } },
  );
}

function canonicalOf(tag: string): string | undefined {
  try {
    return canonicalReference(parseReference(tag));
  } catch {
    return undefined;
  }
}
