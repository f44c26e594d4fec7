import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { ContrastError, messageOf } from "./errors.ts";

const BUFFER_BYTES = 1024 * 1024;

/**
 * SHA-256 of a file's present content, read through one buffer, so that large files cost no memory.
 *
 * @returns 64 lower-case hexadecimal digits, or null when the file does not exist or cannot be read
 */
export async function fileDigest(path: string): Promise<string | null> {
  try {
    return (await digestOf(path)).toHex();
  } catch {
    return null;
  }
}

/**
 * SHA-256 of a file's content, of any size, read through one buffer.
 *
 * @param what named in messages, such as `kernel`
 * @returns 32 bytes
 * @throws ContrastError `lib/file-unreadable`
 */
export async function sha256OfFile(path: string, what: string): Promise<Uint8Array> {
  try {
    return await digestOf(path);
  } catch (error) {
    throw new ContrastError("lib/file-unreadable", `Cannot read ${what} "${path}": ${messageOf(error)}`, {
      cause: error,
      details: { path },
    });
  }
}

async function digestOf(path: string): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const hash = createHash("sha256");
    const buffer = new Uint8Array(BUFFER_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, BUFFER_BYTES);
      if (bytesRead === 0) return new Uint8Array(hash.digest());
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
