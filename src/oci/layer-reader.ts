import { ContrastError } from "../lib/errors.ts";
import type { Progress } from "../lib/progress.ts";
import type { Accounts } from "./image.ts";
import type { ImageCache } from "./image-cache.ts";
import { readAccounts } from "./layer/read-accounts.ts";
import { readCachedFacts, writeCachedFacts } from "./layer/cached-facts.ts";
import type { LayerFacts } from "./layer/layer-facts.ts";
import { readLayer } from "./layer/read-layer.ts";
import type { WatchedPaths } from "./layer/watched-paths.ts";
import type { ResolvedImage } from "./resolved-image.ts";
import type { StoredLayer } from "./stored-layer.ts";

/** Reads account files from the layers of images; a layer that several images share is read once. */
export class LayerReader {
  readonly #cache: ImageCache;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  readonly #running = new Map<string, Promise<LayerFacts>>();

  /** @param signal ends reading, also from disk */
  constructor(cache: ImageCache, progress: Progress, signal: AbortSignal) {
    this.#cache = cache;
    this.#progress = progress;
    this.#signal = signal;
  }

  /**
   * @param name the reference, shown with the progress
   * @throws ContrastError as `Image.accounts()`
   */
  async accounts(image: ResolvedImage, name: string): Promise<Accounts> {
    return await readAccounts(image.layers.length, async (position, paths) => {
      const layer = image.layers[position];
      if (layer === undefined) throw new ContrastError("lib/internal", `Image "${name}" has no layer ${position}`);
      try {
        return await this.#facts(layer, paths, image, name);
      } catch (error) {
        throw error instanceof ContrastError && error.code === "oci/offline-missing"
          ? await this.#missingLayers(error, image.layers.slice(0, position + 1), paths)
          : error;
      }
    });
  }

  #facts(layer: StoredLayer, paths: WatchedPaths, image: ResolvedImage, name: string): Promise<LayerFacts> {
    // The media type decides how the bytes are read, so it is a part of what was asked.
    const key = JSON.stringify([layer.digest, layer.diffId, layer.mediaType, [...paths.files]]);
    const running = this.#running.get(key) ?? this.#read(layer, paths, image, name);
    this.#running.set(key, running);
    // A failure is not kept: another image may have the layer in a place that works.
    running.catch(() => this.#running.delete(key));
    return running;
  }

  async #read(layer: StoredLayer, paths: WatchedPaths, image: ResolvedImage, name: string): Promise<LayerFacts> {
    const cached = await readCachedFacts(this.#cache, layer, paths);
    if (cached !== undefined) return cached;
    const facts = await image.attempt(async () => {
      const item = this.#progress.start(`${name} ${layer.digest.slice(0, 19)}`, layer.sizeBytes);
      try {
        return await readLayer(layer, paths, (count) => {
          if (this.#signal.aborted)
            throw new ContrastError("lib/interrupted", `Cannot read image "${name}": interrupted`);
          item.advance(count);
        });
      } finally {
        item.end();
      }
    });
    await writeCachedFacts(this.#cache, layer, paths, facts);
    return facts;
  }

  /** Older layers may be needed too: all that are not at hand are named at once. */
  async #missingLayers(
    error: ContrastError,
    layers: readonly StoredLayer[],
    paths: WatchedPaths,
  ): Promise<ContrastError> {
    const missing: string[] = [];
    for (const layer of layers.toReversed()) {
      if ((await readCachedFacts(this.#cache, layer, paths)) === undefined) missing.push(layer.digest);
    }
    const reference = String(error.details["reference"]);
    return new ContrastError(
      error.code,
      `Cannot read the accounts of image "${reference}" offline: not cached: ${missing.map((digest) => `layer ${digest}`).join(", ")}`,
      { hint: error.hint, details: { ...error.details, digest: missing.join(" ") } },
    );
  }
}
