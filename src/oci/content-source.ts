import type { ByteStream } from "../lib/byte-stream.ts";
import type { Descriptor } from "./image-manifest.ts";

/** The document that a reference leads to, with a digest that was computed from its bytes. */
export interface RootDocument {
  readonly bytes: Uint8Array;
  /** What the place claims it to be; undefined where it claims nothing. */
  readonly mediaType: string | undefined;
  readonly digest: string;
}

/** Where the content of one image lies: a repository of a registry, or a directory or archive on disk. */
export interface ContentSource {
  /** The document that the reference leads to. */
  root(): Promise<RootDocument>;
  /** A small document, checked against digest and size; the caller has checked that the size is acceptable. */
  document(descriptor: Descriptor, kind: "manifest" | "config"): Promise<Uint8Array>;
  /** Content as it is stored, not yet checked. */
  open(descriptor: Descriptor): Promise<ByteStream>;
  /** Runs a task that reads from this source, with the source's limits and repeated as its failures deserve. */
  attempt<T>(task: () => Promise<T>): Promise<T>;
}
