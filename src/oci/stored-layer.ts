import type { ByteStream } from "../lib/byte-stream.ts";

/** One layer of an image, ready to be read. */
export interface StoredLayer {
  /** Digest of the stored form; the key under which facts about the layer are kept. */
  readonly digest: string;
  /** Size of the stored form in bytes. */
  readonly sizeBytes: number;
  readonly mediaType: string;
  /** Digest of the uncompressed archive, from the image configuration. */
  readonly diffId: string;
  /** The stored form, not yet checked. */
  open(): Promise<ByteStream>;
}
