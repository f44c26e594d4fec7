import type { UniversalClientFn } from "@connectrpc/connect/protocol";
import { answerTooLarge } from "./http2-answer.ts";

/** A flag and four bytes of length stand before each gRPC message. */
export const FRAME_HEADER_BYTES = 5;

/**
 * Refuses an answer as soon as it announces a message of more than `maxBytes`, before any of it is kept. Connect has such
 * a limit too, but its error looks like one that the server sent.
 */
export function limitAnswer(request: UniversalClientFn, maxBytes: number): UniversalClientFn {
  return async (call) => {
    const answer = await request(call);
    return { ...answer, body: checkedBody(answer.body, maxBytes) };
  };
}

async function* checkedBody(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  let read = 0;
  for await (const piece of body) {
    if (read < FRAME_HEADER_BYTES) {
      header.set(piece.subarray(0, FRAME_HEADER_BYTES - read), read);
      read += piece.length;
      if (read >= FRAME_HEADER_BYTES) {
        const announced = new DataView(header.buffer).getUint32(1);
        if (announced > maxBytes) throw answerTooLarge(announced, maxBytes);
      }
    }
    yield piece;
  }
}
