import { ContrastError } from "../../lib/errors.ts";
import { isJsonObject, parseJson } from "../../lib/json.ts";
import { sizeMismatch, splitDigest, verifyDigest } from "../content-digest.ts";
import type { ContentSource } from "../content-source.ts";
import { type Descriptor, type ImageIndex, MAX_MANIFEST_BYTES, parseIndex, parseManifest } from "../image-manifest.ts";
import { documentKind } from "../media-type.ts";
import { type ImageReference, canonicalReference, parseReference } from "../reference.ts";
import { type LocalFiles, findLocalFile, readLocalFile, streamRange } from "./local-files.ts";

/** File that makes a directory or archive an OCI image layout. */
export const LAYOUT_MARKER = "oci-layout";

const NAME_ANNOTATIONS = ["org.opencontainers.image.ref.name", "io.containerd.image.name"];
const MAX_MARKER_BYTES = 4096;

/**
 * The image in an OCI image layout that a reference names. A digest in the reference must be that of an entry of
 * `index.json`, or of an entry one level below. Otherwise the entry whose name annotation is the reference or its tag
 * is taken; a single entry needs no name.
 *
 * @throws ContrastError (its methods) `oci/archive-invalid`, `oci/image-not-found`, `oci/manifest-invalid`,
 *   `oci/digest-mismatch`, `oci/size-mismatch`
 * @see OCI image specification v1.1, image-layout.md
 */
export function openOciLayout(files: LocalFiles, reference: ImageReference): ContentSource {
  const document = async (descriptor: Descriptor): Promise<Uint8Array> => {
    const { digest, size } = descriptor;
    const bytes = await readLocalFile(files, blobPath(digest), Math.max(size, MAX_MANIFEST_BYTES));
    const what = `"${blobPath(digest)}" in "${files.path}"`;
    if (bytes.length !== size) throw sizeMismatch(what, String(bytes.length), size);
    return verifyDigest(bytes, digest, what);
  };
  return {
    attempt: (task) => task(),
    document,
    open: async ({ digest }) => streamRange(await findLocalFile(files, blobPath(digest))),
    root: async () => {
      await checkMarker(files);
      const what = `index.json of "${files.path}"`;
      const index = parseIndex(await readLocalFile(files, "index.json", MAX_MANIFEST_BYTES), what);
      const descriptor =
        reference.digest === undefined
          ? byName(index, reference, files.path)
          : await byDigest(index, reference.digest, files.path, document);
      if (descriptor.size > MAX_MANIFEST_BYTES) throw sizeMismatch(what, String(descriptor.size), MAX_MANIFEST_BYTES);
      return { bytes: await document(descriptor), mediaType: descriptor.mediaType, digest: descriptor.digest };
    },
  };
}

async function checkMarker(files: LocalFiles): Promise<void> {
  const text = new TextDecoder().decode(await readLocalFile(files, LAYOUT_MARKER, MAX_MARKER_BYTES));
  const marker = parseJson(text, `${LAYOUT_MARKER} of "${files.path}"`);
  const version = isJsonObject(marker) ? marker["imageLayoutVersion"] : undefined;
  if (typeof version === "string" && version.startsWith("1.")) return;
  throw new ContrastError("oci/archive-invalid", `Cannot read OCI layout "${files.path}": unknown layout version`);
}

async function byDigest(
  index: ImageIndex,
  digest: string,
  path: string,
  document: (descriptor: Descriptor) => Promise<Uint8Array>,
): Promise<Descriptor> {
  const direct = index.manifests.find((entry) => entry.digest === digest);
  if (direct !== undefined) return direct;
  for (const entry of index.manifests) {
    if (documentKind(entry.mediaType) !== "index" || entry.size > MAX_MANIFEST_BYTES) continue;
    const nested = parseManifest(await document(entry), entry.mediaType, `index ${entry.digest}`);
    const found = nested.kind === "index" ? nested.manifests.find((inner) => inner.digest === digest) : undefined;
    if (found !== undefined) return found;
  }
  throw notFound(index, path, `no image has digest "${digest}"`);
}

function byName(index: ImageIndex, reference: ImageReference, path: string): Descriptor {
  const named = index.manifests.filter((entry) => namesOf(entry).some((name) => isNameOf(name, reference)));
  const [first] = named.length === 0 && index.manifests.length === 1 ? index.manifests : named;
  if (first === undefined) throw notFound(index, path, `no image is named "${reference.tag ?? reference.original}"`);
  if (named.some((entry) => entry.digest !== first.digest)) {
    throw notFound(index, path, `several images are named "${reference.tag ?? reference.original}"`);
  }
  return first;
}

function namesOf(entry: Descriptor): readonly string[] {
  return NAME_ANNOTATIONS.map((key) => entry.annotations?.[key]).filter((name) => name !== undefined);
}

function isNameOf(name: string, reference: ImageReference): boolean {
  if (name === reference.tag || name === reference.original) return true;
  try {
    return canonicalReference(parseReference(name)) === canonicalReference(reference);
  } catch {
    return false; // Any text may stand in the annotation.
  }
}

function notFound(index: ImageIndex, path: string, fact: string): ContrastError {
  const present = index.manifests.map((entry) => namesOf(entry).at(0) ?? entry.digest).slice(0, 20);
  return new ContrastError("oci/image-not-found", `Cannot find the image in OCI layout "${path}": ${fact}`, {
    hint: `Name one of the images that are there: ${present.length === 0 ? "none" : present.join(", ")}.`,
    details: { path },
  });
}

function blobPath(digest: string): string {
  const { algorithm, hex } = splitDigest(digest);
  return `blobs/${algorithm}/${hex}`;
}
