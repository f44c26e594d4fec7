import type { ByteStream } from "../../src/lib/byte-stream.ts";

/** A stream of one piece. */
export async function* streamOf(bytes: Uint8Array): ByteStream {
  if (bytes.length > 0) yield bytes;
}
