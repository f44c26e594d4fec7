import type { ClientHttp2Stream } from "node:http2";

/**
 * Writes the body of a request and ends it. Waits where the peer is slow; stops where the stream was closed, because
 * what became of it is told by the stream's own events.
 */
export async function sendBody(stream: ClientHttp2Stream, body: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  for await (const piece of body ?? []) {
    if (stream.closed || stream.destroyed) return;
    if (!stream.write(piece)) await drained(stream);
  }
  if (!stream.closed && !stream.destroyed) stream.end();
}

function drained(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const proceed = (): void => {
      stream.off("drain", proceed);
      stream.off("close", proceed);
      resolve();
    };
    stream.once("drain", proceed);
    stream.once("close", proceed);
  });
}
