import type { ByteStream } from "./byte-stream.ts";

/** Compression of a stream; `none` passes it through. */
export type Compression = "none" | "gzip" | "zstd";

/** Compressed bytes handed over at once; small, so that a bomb is noticed before much of it is unpacked. */
const PIECE_BYTES = 16 * 1024;

/**
 * Decompresses a stream of any number of gzip members or zstd frames. Truncated input, foreign bytes behind the last
 * member and damaged data end the result with an error. Memory stays bounded whatever the input expands to.
 */
export function decompress(stream: ByteStream, compression: Compression): ByteStream {
  if (compression === "none") return stream;
  // The type of the platform's constructor does not list zstd, which Bun supports.
  const transform = new DecompressionStream(compression as "gzip") as unknown as ReadableWritablePair<
    Uint8Array,
    Uint8Array
  >;
  return readableOf(inPieces(stream)).pipeThrough(transform);
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
