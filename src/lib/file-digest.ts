import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { ContrastError, messageOf } from "./errors.ts";
import { openInput } from "./open-input.ts";

const BUFFER_BYTES = 1024 * 1024;

/**
 * SHA-256 of a file's present content, read through one buffer, so that large files cost no memory. Only regular files
 * are read: of a pipe nothing would be left for who comes next.
 *
 * @returns 64 lower-case hexadecimal digits, or null when there is no such file or it cannot be read
 */
export async function fileDigest(path: string): Promise<string | null> {
  try {
    if (!(await stat(path)).isFile()) return null;
    return (await digestOf(path, "file", Number.POSITIVE_INFINITY))?.toHex() ?? null;
  } catch {
    return null;
  }
}

/**
 * SHA-256 of a file's content, read through one buffer. The limit holds for pipes and devices too, which may have no end;
 * a named pipe that nobody writes to is an error.
 *
 * @param what named in messages, such as `kernel`
 * @returns 32 bytes
 * @throws ContrastError `lib/file-unreadable`, `lib/file-too-large`
 */
export async function sha256OfFile(path: string, what: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const digest = await digestOf(path, what, maxBytes);
    if (digest !== undefined) return digest;
    throw new ContrastError(
      "lib/file-too-large",
      `Cannot read ${what} "${path}": got more than ${maxBytes} bytes, limit ${maxBytes}`,
    );
  } catch (error) {
    if (error instanceof ContrastError) throw error;
    throw new ContrastError("lib/file-unreadable", `Cannot read ${what} "${path}": ${messageOf(error)}`, {
      cause: error,
      details: { path },
    });
  }
}

/** @returns undefined where there is more */
async function digestOf(path: string, what: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const input = await openInput(path, what);
  try {
    const hash = createHash("sha256");
    const buffer = new Uint8Array(BUFFER_BYTES);
    for (let sizeBytes = 0; ;) {
      const bytesRead = await input.read(buffer);
      if (bytesRead === 0) return new Uint8Array(hash.digest());
      sizeBytes += bytesRead;
      if (sizeBytes > maxBytes) return undefined;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await input.close();
  }
}
