import type { ByteStream } from "../lib/byte-stream.ts";
import { digestMismatch, sizeMismatch, splitDigest, startDigest } from "./content-digest.ts";

/** What content must turn out to be. */
export interface Promised {
  readonly digest: string;
  /** Bytes; undefined where only the digest is known. */
  readonly sizeBytes?: number | undefined;
}

/**
 * Passes a stream on and ends it with an error if its size or digest is not as promised. Too much data is refused as
 * soon as it arrives; the rest is known only at the end, so nothing may be trusted before the stream has ended.
 *
 * @param what named in messages
 * @throws ContrastError `oci/size-mismatch`, `oci/digest-mismatch` while iterating
 */
export async function* verifiedStream(stream: ByteStream, promised: Promised, what: string): ByteStream {
  const hash = startDigest(promised.digest);
  const { digest, sizeBytes } = promised;
  let seen = 0;
  for await (const chunk of stream) {
    seen += chunk.length;
    if (sizeBytes !== undefined && seen > sizeBytes) throw sizeMismatch(what, `more than ${sizeBytes}`, sizeBytes);
    hash.update(chunk);
    yield chunk;
  }
  if (sizeBytes !== undefined && seen !== sizeBytes) throw sizeMismatch(what, String(seen), sizeBytes);
  const actual = hash.digest("hex");
  const { algorithm, hex } = splitDigest(digest);
  if (actual !== hex) throw digestMismatch(what, `${algorithm}:${actual}`, digest);
}
