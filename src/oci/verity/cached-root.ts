import * as v from "valibot";
import { digestMismatch } from "../content-digest.ts";
import type { ImageCache } from "../image-cache.ts";
import type { StoredLayer } from "../stored-layer.ts";

/** Goes up when the same archive gets another hash, as it would after a correction of the index. */
const VERSION = 1;

const record = v.object({
  version: v.literal(VERSION),
  diffId: v.string(),
  rootHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

/**
 * Root hash of a layer from the cache. The record remembers which uncompressed digest the layer had, so that an image
 * whose configuration claims another one is refused as if the layer had been read.
 *
 * @returns 64 hexadecimal digits, or undefined
 * @throws ContrastError `oci/digest-mismatch`
 */
export async function readCachedRoot(cache: ImageCache, layer: StoredLayer): Promise<string | undefined> {
  const result = v.safeParse(record, await cache.readRecord("roots", keyOf(layer)));
  if (!result.success) return undefined;
  const { diffId, rootHash } = result.output;
  if (diffId !== layer.diffId) throw digestMismatch(`uncompressed layer ${layer.digest}`, diffId, layer.diffId);
  return rootHash;
}

/** Keeps the root hash of a layer that was read and checked. */
export async function writeCachedRoot(cache: ImageCache, layer: StoredLayer, rootHashHex: string): Promise<void> {
  const value = { version: VERSION, diffId: layer.diffId, rootHash: rootHashHex };
  await cache.writeRecord("roots", keyOf(layer), value);
}

/** The media type decides how the stored bytes are read. */
function keyOf(layer: StoredLayer): string {
  return JSON.stringify([layer.digest, layer.mediaType]);
}
