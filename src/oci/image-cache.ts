import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256Hex } from "../lib/digest.ts";
import { messageOf } from "../lib/errors.ts";
import { readBytes, writeFileAtomically } from "../lib/files.ts";
import { type Json, parseJson } from "../lib/json.ts";
import type { Logger } from "../lib/log.ts";
import { splitDigest, verifyDigest } from "./content-digest.ts";

/**
 * Image data kept between runs. Several processes may use the same directory: entries are written under a temporary
 * name and renamed, and checked when they are read. A damaged entry counts as missing, and a cache that cannot be
 * written costs a warning, never the run.
 *
 *     blobs/<algorithm>/<hex>   manifests, indexes and configurations, as they are
 *     records/<kind>/<hex>      SHA-256 of the rest, newline, JSON; named by SHA-256 of the key
 */
export interface ImageCache {
  /** Content with this digest. */
  readBlob(digest: string, maxBytes: number): Promise<Uint8Array | undefined>;
  writeBlob(digest: string, bytes: Uint8Array): Promise<void>;
  /** A note that is not named by its content, such as what a tag led to. */
  readRecord(kind: RecordKind, key: string): Promise<Json | undefined>;
  writeRecord(kind: RecordKind, key: string, value: Json): Promise<void>;
}

/** `tags`: digest that a tag led to last; `layers`: what a layer says about accounts; `roots`: its root hash. */
type RecordKind = "tags" | "layers" | "roots";

/** Holds two account files of the largest size, quoted for JSON. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;
const PRIVATE_DIRECTORY = 0o700;
const CHECKSUM_LENGTH = 64;

/** Keeps nothing; for environments that name no directory. */
export const NO_CACHE: ImageCache = {
  readBlob: async () => undefined,
  writeBlob: async () => {},
  readRecord: async () => undefined,
  writeRecord: async () => {},
};

/** Opens the cache in a directory, which is made on the first write. */
export function openImageCache(directory: string, log: Logger): ImageCache {
  let isWritable = true;
  const blobPath = (digest: string): string => {
    const { algorithm, hex } = splitDigest(digest);
    return join(directory, "blobs", algorithm, hex);
  };
  const recordPath = (kind: RecordKind, key: string): string => join(directory, "records", kind, sha256Hex(key));
  const write = async (path: string, content: Uint8Array | string): Promise<void> => {
    if (!isWritable) return;
    try {
      await mkdir(dirname(path), { recursive: true, mode: PRIVATE_DIRECTORY });
      await writeFileAtomically(path, content);
    } catch (error) {
      isWritable = false;
      log.warn("cannot write to the image cache", { directory, reason: messageOf(error) });
    }
  };
  const read = async <T>(path: string, maxBytes: number, check: (bytes: Uint8Array) => T): Promise<T | undefined> => {
    const bytes = await readBytes(path, "cache entry", maxBytes).catch(() => undefined);
    if (bytes === undefined) return undefined;
    try {
      return check(bytes);
    } catch (error) {
      log.warn("ignoring a damaged entry of the image cache", { path, reason: messageOf(error) });
      return undefined;
    }
  };
  return {
    readBlob: (digest, maxBytes) =>
      read(blobPath(digest), maxBytes, (bytes) => verifyDigest(bytes, digest, "cache entry")),
    writeBlob: (digest, bytes) => write(blobPath(digest), bytes),
    readRecord: (kind, key) => read(recordPath(kind, key), MAX_RECORD_BYTES, openRecord),
    writeRecord: (kind, key, value) => write(recordPath(kind, key), sealRecord(value)),
  };
}

function sealRecord(value: Json): string {
  const text = JSON.stringify(value);
  return `${sha256Hex(text)}\n${text}`;
}

function openRecord(bytes: Uint8Array): Json {
  const sealed = new TextDecoder().decode(bytes);
  const text = sealed.slice(CHECKSUM_LENGTH + 1);
  verifyDigest(new TextEncoder().encode(text), `sha256:${sealed.slice(0, CHECKSUM_LENGTH)}`, "cache entry");
  return parseJson(text, "cache entry", { maxBytes: MAX_RECORD_BYTES, maxDepth: 8 });
}
