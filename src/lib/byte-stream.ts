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
  return joinBytes(chunks);
}

/** A copy of all pieces, one behind the other. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}
