import type { ByteStream } from "../../lib/byte-stream.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { HttpResponse } from "../../lib/http-client.ts";

/** After less than this a broken connection is not continued: starting again costs nothing, and repairs more. */
const WORTH_KEEPING_BYTES = 1024 * 1024;
const BROKEN_CONNECTION = ["lib/network-unreachable", "lib/network-timeout"];

/**
 * The body of an answer, continued behind what has arrived when the connection breaks. Nothing is assumed about the
 * parts: whoever reads checks the digest of the whole. As every connection must bring a part that is worth keeping,
 * the number of connections is bounded.
 *
 * @param first the answer, whole
 * @param reopen asks for the rest; a server that sends everything once more cannot continue
 * @throws ContrastError what a break or `reopen` fails with
 */
export async function* resumedStream(
  first: HttpResponse,
  reopen: (fromByte: number) => Promise<HttpResponse>,
): ByteStream {
  let response = first;
  let startedAt = 0;
  for (let position = 0; ; startedAt = position) {
    try {
      for await (const chunk of response.body) {
        position += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      const isBroken = error instanceof ContrastError && BROKEN_CONNECTION.includes(error.code);
      if (!isBroken || position - startedAt < WORTH_KEEPING_BYTES) throw error;
      response = await reopen(position);
      if (response.status === 206) continue;
      await response.discard();
      throw error;
    }
  }
}
