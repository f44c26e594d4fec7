import type { ByteStream } from "../../lib/byte-stream.ts";
import { decompress } from "../../lib/decompress.ts";
import { ContrastError, messageOf } from "../../lib/errors.ts";
import { layerCompression } from "../media-type.ts";
import { readTar } from "../tar-reader.ts";
import { verifiedStream } from "../verified-stream.ts";
import type { StoredLayer } from "../stored-layer.ts";
import { type LayerFacts, LayerFactsCollector } from "./layer-facts.ts";
import type { WatchedPaths } from "./watched-paths.ts";

/** How far a layer may expand: as much as `freeBytes` whatever its size, beyond that `ratio` times its size. */
export interface ExpansionLimits {
  readonly freeBytes: number;
  readonly ratio: number;
  readonly maxBytes: number;
}

/** Far above real layers, low enough that a bomb costs seconds. */
export const EXPANSION_LIMITS: ExpansionLimits = { freeBytes: 2 ** 29, ratio: 100, maxBytes: 2 ** 36 };

/**
 * Reads a whole layer and returns what it says about the watched paths. Nothing is returned before the digest and size
 * of the stored form and the digest of the uncompressed archive have been checked.
 *
 * @param onBytes told how much of the stored form has arrived
 * @throws ContrastError `oci/layer-unsupported`, `oci/layer-invalid`, `oci/layer-too-large`, `oci/size-mismatch`,
 *   `oci/digest-mismatch`, and what opening the layer throws
 */
export async function readLayer(
  layer: StoredLayer,
  paths: WatchedPaths,
  onBytes: (count: number) => void,
  limits: ExpansionLimits = EXPANSION_LIMITS,
): Promise<LayerFacts> {
  const what = `layer ${layer.digest}`;
  const encoding = layerCompression(layer.mediaType);
  if ("unreadable" in encoding) {
    throw new ContrastError(
      "oci/layer-unsupported",
      `Cannot read ${what}: it is ${encoding.unreadable} ("${layer.mediaType}")`,
      {
        hint: "Set runAsUser and runAsGroup in the pod, so that the accounts of the image are not needed.",
      },
    );
  }
  const collector = new LayerFactsCollector(paths, what);
  const source = new WatchedSource(layer, onBytes, what);
  try {
    const archive = capped(decompress(source.stream(), encoding.compression), layer, limits, what);
    await readTar(verifiedStream(archive, { digest: layer.diffId }, `uncompressed ${what}`), collector);
  } catch (error) {
    // Decompression reports a broken source in its own words; what really happened is told first.
    if (source.failure !== undefined) throw source.failure;
    if (error instanceof ContrastError) throw error;
    throw new ContrastError("oci/layer-invalid", `Cannot read ${what}: ${messageOf(error)}`, { cause: error });
  }
  return collector.facts;
}

/** The stored form with its checks, remembering why it failed. */
class WatchedSource {
  failure: unknown;
  readonly #layer: StoredLayer;
  readonly #onBytes: (count: number) => void;
  readonly #what: string;

  constructor(layer: StoredLayer, onBytes: (count: number) => void, what: string) {
    this.#layer = layer;
    this.#onBytes = onBytes;
    this.#what = what;
  }

  async *stream(): ByteStream {
    try {
      const { digest, sizeBytes } = this.#layer;
      for await (const chunk of verifiedStream(await this.#layer.open(), { digest, sizeBytes }, this.#what)) {
        this.#onBytes(chunk.length);
        yield chunk;
      }
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

async function* capped(stream: ByteStream, layer: StoredLayer, limits: ExpansionLimits, what: string): ByteStream {
  const limit = Math.min(limits.maxBytes, Math.max(limits.freeBytes, layer.sizeBytes * limits.ratio));
  let seen = 0;
  for await (const chunk of stream) {
    seen += chunk.length;
    if (seen > limit) {
      throw new ContrastError(
        "oci/layer-too-large",
        `Cannot read ${what}: ${layer.sizeBytes} bytes expand to more than ${limit}`,
        { details: { sizeBytes: layer.sizeBytes, limit } },
      );
    }
    yield chunk;
  }
}
