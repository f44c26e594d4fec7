import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

const BUFFER_BYTES = 1024 * 1024;

/**
 * SHA-256 of a file's present content, read through one buffer, so that large files cost no memory.
 *
 * @returns 64 lower-case hexadecimal digits, or null when the file does not exist or cannot be read
 */
export async function fileDigest(path: string): Promise<string | null> {
  try {
    const handle = await open(path, "r");
    try {
      const hash = createHash("sha256");
      const buffer = new Uint8Array(BUFFER_BYTES);
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, BUFFER_BYTES);
        if (bytesRead === 0) return hash.digest("hex");
        hash.update(buffer.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}
