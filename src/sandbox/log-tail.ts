import { open } from "node:fs/promises";

const MAX_TAIL_BYTES = 16 * 1024;

/**
 * The last lines of a log, without empty ones.
 *
 * @returns none for a file that cannot be read
 */
export async function logTail(path: string, lines: number): Promise<readonly string[]> {
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return [];
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, MAX_TAIL_BYTES);
    const bytes = new Uint8Array(length);
    const { bytesRead } = await handle.read(bytes, 0, length, size - length);
    const text = new TextDecoder().decode(bytes.subarray(0, bytesRead));
    return text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "")
      .slice(-lines);
  } finally {
    await handle.close();
  }
}
