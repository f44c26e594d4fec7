import { ContrastError, messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { mapPool } from "../lib/pool.ts";
import type { Progress } from "../lib/progress.ts";
import { Semaphore } from "../lib/semaphore.ts";
import { coreCount } from "../lib/start-worker.ts";
import type { Accounts, LayerHash } from "./image.ts";
import type { ImageCache } from "./image-cache.ts";
import { ACCOUNT_PATHS, readAccounts } from "./layer/read-accounts.ts";
import { readCachedFacts, writeCachedFacts } from "./layer/cached-facts.ts";
import { type LayerFacts, LayerFactsCollector } from "./layer/layer-facts.ts";
import { readLayer } from "./layer/read-layer.ts";
import type { WatchedPaths } from "./layer/watched-paths.ts";
import type { ResolvedImage } from "./resolved-image.ts";
import type { StoredLayer } from "./stored-layer.ts";
import { readCachedRoot, writeCachedRoot } from "./verity/cached-root.ts";
import { type ChunkPool, createChunkPool } from "./verity/chunk-pool.ts";
import { hashLayer } from "./verity/hash-layer.ts";

/** Layers of one image that are asked for at the same time; places where they lie have limits of their own. */
const PARALLEL_LAYERS = 8;

/** Reads account files and root hashes from the layers of images; a layer that several images share is read once. */
export class LayerReader {
  readonly #cache: ImageCache;
  readonly #progress: Progress;
  readonly #signal: AbortSignal;
  readonly #running = new Map<string, Promise<LayerFacts>>();
  /** Facts that fell out of hashing. */
  readonly #learnt = new Map<string, LayerFacts>();
  readonly #roots = new Map<string, Promise<string>>();
  readonly #pool: ChunkPool;
  /** Every layer that is hashed takes a few megabytes; more of them than cores do not end earlier. */
  readonly #hashing = new Semaphore(Math.max(2, coreCount()));

  /** @param signal ends reading, also from disk */
  constructor(cache: ImageCache, progress: Progress, log: Logger, signal: AbortSignal) {
    this.#pool = createChunkPool((error) => log.debug("cannot hash on another thread", { reason: messageOf(error) }));
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
          ? await missingLayers(error, "the accounts", image.layers.slice(0, position + 1).toReversed(), (below) =>
              readCachedFacts(this.#cache, below, paths),
            )
          : error;
      }
    });
  }

  /**
   * Root hashes of all layers, oldest first. Each is kept as soon as it is known, so a run that was interrupted goes on
   * with the next layer. What layers say about accounts is learnt in the same pass.
   *
   * @param name the reference, shown with the progress
   * @throws ContrastError as `Image.layerHashes()`
   */
  async hashes(image: ResolvedImage, name: string): Promise<readonly LayerHash[]> {
    try {
      return await mapPool(image.layers, PARALLEL_LAYERS, async (layer) => ({
        diffId: layer.diffId,
        rootHashHex: await this.#root(layer, image, name),
      }));
    } catch (error) {
      throw error instanceof ContrastError && error.code === "oci/offline-missing"
        ? await missingLayers(error, "the layer hashes", image.layers, (layer) => readCachedRoot(this.#cache, layer))
        : error;
    }
  }

  #root(layer: StoredLayer, image: ResolvedImage, name: string): Promise<string> {
    const key = keyOf(layer);
    const running = this.#roots.get(key) ?? this.#hashing.run(() => this.#hash(layer, image, name));
    this.#roots.set(key, running);
    running.catch(() => this.#roots.delete(key));
    return running;
  }

  async #hash(layer: StoredLayer, image: ResolvedImage, name: string): Promise<string> {
    const cached = await readCachedRoot(this.#cache, layer);
    if (cached !== undefined) return cached;
    const { collector, hashed } = await this.#attempt(layer, image, name, async (onBytes) => {
      const companion = new LayerFactsCollector(ACCOUNT_PATHS, `layer ${layer.digest}`);
      return { collector: companion, hashed: await hashLayer(layer, { pool: this.#pool, onBytes, companion }) };
    });
    await writeCachedRoot(this.#cache, layer, hashed.rootHashHex);
    if (hashed.companionFailure === undefined) {
      this.#learnt.set(factsKeyOf(layer, ACCOUNT_PATHS), collector.facts);
      await writeCachedFacts(this.#cache, layer, ACCOUNT_PATHS, collector.facts);
    }
    return hashed.rootHashHex;
  }

  /** Reads a layer within the limits of its place, showing how far it is. */
  #attempt<T>(
    layer: StoredLayer,
    image: ResolvedImage,
    name: string,
    read: (onBytes: (count: number) => void) => Promise<T>,
  ): Promise<T> {
    return image.attempt(async () => {
      const item = this.#progress.start(`${name} ${layer.digest.slice(0, 19)}`, layer.sizeBytes);
      try {
        return await read((count) => {
          if (this.#signal.aborted)
            throw new ContrastError("lib/interrupted", `Cannot read image "${name}": interrupted`);
          item.advance(count);
        });
      } finally {
        item.end();
      }
    });
  }

  #facts(layer: StoredLayer, paths: WatchedPaths, image: ResolvedImage, name: string): Promise<LayerFacts> {
    const key = factsKeyOf(layer, paths);
    const running = this.#running.get(key) ?? this.#read(layer, paths, image, name);
    this.#running.set(key, running);
    // A failure is not kept: another image may have the layer in a place that works.
    running.catch(() => this.#running.delete(key));
    return running;
  }

  async #read(layer: StoredLayer, paths: WatchedPaths, image: ResolvedImage, name: string): Promise<LayerFacts> {
    // A layer that is being hashed tells its facts at the end; how the hashing fails is told to those who asked for it.
    await this.#roots.get(keyOf(layer))?.catch(() => {});
    const known = this.#learnt.get(factsKeyOf(layer, paths)) ?? (await readCachedFacts(this.#cache, layer, paths));
    if (known !== undefined) return known;
    const facts = await this.#attempt(layer, image, name, (onBytes) => readLayer(layer, paths, onBytes));
    await writeCachedFacts(this.#cache, layer, paths, facts);
    return facts;
  }
}

/** The media type decides how the bytes are read, so it is a part of what was asked. */
function keyOf({ digest, diffId, mediaType }: StoredLayer): string {
  return JSON.stringify([digest, diffId, mediaType]);
}

function factsKeyOf(layer: StoredLayer, paths: WatchedPaths): string {
  return JSON.stringify([keyOf(layer), [...paths.files]]);
}

/** More than one layer may be needed: all that are not at hand are named at once. */
async function missingLayers(
  error: ContrastError,
  subject: string,
  layers: readonly StoredLayer[],
  readCached: (layer: StoredLayer) => Promise<unknown>,
): Promise<ContrastError> {
  const missing: string[] = [];
  for (const layer of layers) {
    if ((await readCached(layer)) === undefined) missing.push(layer.digest);
  }
  const reference = String(error.details["reference"]);
  return new ContrastError(
    error.code,
    `Cannot read ${subject} of image "${reference}" offline: not cached: ${missing.map((digest) => `layer ${digest}`).join(", ")}`,
    { hint: error.hint, details: { ...error.details, digest: missing.join(" ") } },
  );
}
