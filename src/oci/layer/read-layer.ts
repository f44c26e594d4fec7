import { type ExpansionLimits, readArchive } from "../read-archive.ts";
import type { StoredLayer } from "../stored-layer.ts";
import { TarReader } from "../tar-reader.ts";
import { type LayerFacts, LayerFactsCollector } from "./layer-facts.ts";
import type { WatchedPaths } from "./watched-paths.ts";

const UNREADABLE_HINT = "Set runAsUser and runAsGroup in the pod, so that the accounts of the image are not needed.";

/**
 * Reads a whole layer and returns what it says about the watched paths. Nothing is returned before the digest and size
 * of the stored form and the digest of the uncompressed archive have been checked.
 *
 * @param onBytes told how much of the stored form has arrived
 * @throws ContrastError as `readArchive()`
 */
export async function readLayer(
  layer: StoredLayer,
  paths: WatchedPaths,
  onBytes: (count: number) => void,
  limits?: ExpansionLimits,
): Promise<LayerFacts> {
  const collector = new LayerFactsCollector(paths, `layer ${layer.digest}`);
  const reader = new TarReader(collector);
  await readArchive(layer, (piece) => reader.push(piece), { onBytes, limits, unreadableHint: UNREADABLE_HINT });
  reader.finish();
  return collector.facts;
}
