import * as v from "valibot";
import type { Json } from "../../lib/json.ts";
import type { ImageCache } from "../image-cache.ts";
import { digestMismatch } from "../content-digest.ts";
import type { StoredLayer } from "../stored-layer.ts";
import type { LayerFacts } from "./layer-facts.ts";
import type { WatchedPaths } from "./watched-paths.ts";

const entry = v.variant("kind", [
  v.object({ kind: v.literal("file"), content: v.string() }),
  v.object({ kind: v.literal("directory") }),
  v.object({ kind: v.literal("symlink"), target: v.string() }),
  v.object({ kind: v.literal("hardlink"), target: v.string(), settled: v.boolean() }),
  v.object({ kind: v.literal("other") }),
]);

const record = v.object({
  version: v.literal(1),
  diffId: v.string(),
  paths: v.record(v.string(), v.object({ entry: v.optional(entry), whiteout: v.boolean(), opaque: v.boolean() })),
});

/**
 * Facts of a layer from the cache. The record remembers which uncompressed digest the layer had, so that an image
 * whose configuration claims another one is refused as if the layer had been read.
 *
 * @throws ContrastError `oci/digest-mismatch`
 */
export async function readCachedFacts(
  cache: ImageCache,
  layer: StoredLayer,
  paths: WatchedPaths,
): Promise<LayerFacts | undefined> {
  const result = v.safeParse(record, await cache.readRecord("layers", keyOf(layer, paths)));
  if (!result.success || [...paths.all].some((path) => !Object.hasOwn(result.output.paths, path))) return undefined;
  const { diffId } = result.output;
  if (diffId !== layer.diffId) throw digestMismatch(`uncompressed layer ${layer.digest}`, diffId, layer.diffId);
  return new Map(Object.entries(result.output.paths));
}

/** Keeps the facts of a layer that was read and checked. */
export async function writeCachedFacts(
  cache: ImageCache,
  layer: StoredLayer,
  paths: WatchedPaths,
  facts: LayerFacts,
): Promise<void> {
  const entries = [...facts].map(([path, { entry, whiteout, opaque }]): [string, Json] => [
    path,
    { ...(entry === undefined ? {} : { entry }), whiteout, opaque },
  ]);
  const value = { version: 1, diffId: layer.diffId, paths: Object.fromEntries(entries) };
  await cache.writeRecord("layers", keyOf(layer, paths), value);
}

function keyOf(layer: StoredLayer, paths: WatchedPaths): string {
  return JSON.stringify([layer.digest, layer.mediaType, [...paths.files].toSorted()]);
}
