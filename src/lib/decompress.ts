import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { ByteStream } from "./byte-stream.ts";

/** Compression of a stream; `none` passes it through. */
export type Compression = "none" | "gzip" | "zstd";

/** Compressed bytes handed over at once; small, so that a bomb is noticed before much of it is unpacked. */
const PIECE_BYTES = 64 * 1024;
/** Unpacked bytes that come at once. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Decompresses a stream of any number of gzip members or zstd frames. Truncated input, foreign bytes behind the last
 * member (zeros excepted, which fill up tapes) and damaged data end the result with an error. Memory stays bounded
 * whatever the input expands to.
 */
export function decompress(stream: ByteStream, compression: Compression): ByteStream {
  if (compression === "none") return stream;
  if (compression === "gzip") return gunzip(stream);
  // The platform's zstd of `node:zlib` takes truncated input for whole; this one does not. Its type does not list zstd.
  const transform = new DecompressionStream("zstd" as "gzip") as unknown as ReadableWritablePair<
    Uint8Array,
    Uint8Array
  >;
  return readableOf(inPieces(stream)).pipeThrough(transform);
}

/** Runs on another thread, so that whoever reads can hash meanwhile. */
function gunzip(stream: ByteStream): ByteStream {
  const transform = createGunzip({ chunkSize: CHUNK_BYTES });
  // Failures reach the reader through the transform, and a reader who stops ends the source.
  pipeline(Readable.from(inPieces(stream)), transform, () => {});
  return transform as unknown as ByteStream;
}

async function* inPieces(stream: ByteStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    for (let offset = 0; offset < chunk.length; offset += PIECE_BYTES) {
      yield chunk.subarray(offset, offset + PIECE_BYTES);
    }
  }
}

function readableOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await pieces.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => {
      await pieces.return(undefined);
    },
  });
}
