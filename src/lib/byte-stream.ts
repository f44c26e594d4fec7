/** Bytes that arrive in pieces; a consumer that stops early ends the source. */
export type ByteStream = AsyncIterable<Uint8Array>;

/**
 * Collects a stream that somebody else controls.
 *
 * @param maxBytes reading stops as soon as more have arrived
 * @param tooLarge makes the error for that case
 */
export async function collectBytes(stream: ByteStream, maxBytes: number, tooLarge: () => Error): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** A stream of one piece. */
export async function* streamOf(bytes: Uint8Array): ByteStream {
  if (bytes.length > 0) yield bytes;
}
