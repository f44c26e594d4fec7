import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { ContrastError, messageOf } from "./errors.ts";
import type { ByteStream } from "./byte-stream.ts";

/** Large pieces: the default of 64 KiB reads three times slower than this. */
const PIECE_BYTES = 512 * 1024;

/**
 * Size in bytes of a regular file; undefined where there is none (a directory, pipe or device is none).
 *
 * @throws ContrastError `lib/file-unreadable` when the path cannot be looked at
 */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadable(path, error);
  }
}

/**
 * Streams a part of a file.
 *
 * @throws ContrastError `lib/file-unreadable` while iterating
 */
export async function* readFileRange(path: string, offset: number, sizeBytes: number): ByteStream {
  if (sizeBytes === 0) return;
  try {
    for await (const chunk of createReadStream(path, {
      start: offset,
      end: offset + sizeBytes - 1,
      highWaterMark: PIECE_BYTES,
    })) {
      yield chunk as Uint8Array;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): ContrastError {
  return new ContrastError("lib/file-unreadable", `Cannot read "${path}": ${messageOf(error)}`, {
    cause: error,
    details: { path },
  });
}
