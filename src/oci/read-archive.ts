import type { ByteStream } from "../lib/byte-stream.ts";
import { decompress } from "../lib/decompress.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { layerCompression } from "./media-type.ts";
import type { StoredLayer } from "./stored-layer.ts";
import { verifiedStream } from "./verified-stream.ts";

/** How far a layer may expand: as much as `freeBytes` whatever its size, beyond that `ratio` times its size. */
export interface ExpansionLimits {
  readonly freeBytes: number;
  readonly ratio: number;
  readonly maxBytes: number;
}

/** Far above real layers, low enough that a bomb costs seconds. */
export const EXPANSION_LIMITS: ExpansionLimits = { freeBytes: 2 ** 29, ratio: 100, maxBytes: 2 ** 36 };

/** How one layer is read. */
export interface ArchiveReading {
  /** Told how much of the stored form has arrived. */
  readonly onBytes: (count: number) => void;
  readonly limits?: ExpansionLimits | undefined;
  /** What a user can do about a layer that cannot be read at all. */
  readonly unreadableHint?: string | undefined;
}

/**
 * Hands the uncompressed archive of a layer over piece by piece, once. Digest and size of the stored form and the digest
 * of the archive are checked on the way: what was learnt from the pieces may be trusted when the call has returned.
 *
 * @param push receives the pieces in order; must not keep them
 * @throws ContrastError `oci/layer-unsupported`, `oci/layer-invalid`, `oci/layer-too-large`, `oci/size-mismatch`,
 *   `oci/digest-mismatch`, what opening the layer throws, and what `push` throws
 */
export async function readArchive(
  layer: StoredLayer,
  push: (piece: Uint8Array) => void,
  { onBytes, limits = EXPANSION_LIMITS, unreadableHint }: ArchiveReading,
): Promise<void> {
  const what = `layer ${layer.digest}`;
  const encoding = layerCompression(layer.mediaType);
  if ("unreadable" in encoding) {
    throw new ContrastError(
      "oci/layer-unsupported",
      `Cannot read ${what}: it is ${encoding.unreadable} ("${layer.mediaType}")`,
      unreadableHint === undefined ? {} : { hint: unreadableHint },
    );
  }
  const source = new WatchedSource(layer, onBytes, what);
  // Where nothing is compressed, one digest may stand for both forms: then the bytes are hashed once.
  const isPlain = encoding.compression === "none" && layer.digest === layer.diffId;
  try {
    const archive = capped(decompress(source.stream(), encoding.compression), layer, limits, what);
    const checked = isPlain ? archive : verifiedStream(archive, { digest: layer.diffId }, `uncompressed ${what}`);
    for await (const piece of checked) push(piece);
  } catch (error) {
    // Decompression reports a broken source in its own words; what really happened is told first.
    if (source.failure !== undefined) throw source.failure;
    if (error instanceof ContrastError) throw error;
    // Other content than promised rarely unpacks, and that shows before its digest does: the digest is told all the same.
    for await (const _ of verifiedStream(await layer.open(), layer, what));
    throw new ContrastError("oci/layer-invalid", `Cannot read ${what}: ${messageOf(error)}`, { cause: error });
  }
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
