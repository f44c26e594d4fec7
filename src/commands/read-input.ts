import { readBytes } from "../lib/files.ts";
import type { Io } from "../terminal/io.ts";
import { UsageError } from "../terminal/usage-error.ts";

/** The path that stands for standard input. */
export const STANDARD_INPUT = "-";

/** Bytes with the name that messages give them. */
export interface InputBytes {
  readonly bytes: Uint8Array;
  /** Such as `manifest "manifest.json"`. */
  readonly what: string;
}

/**
 * Reads a file, or standard input for the path `-`.
 *
 * @param role what the file is, such as `manifest`
 * @throws ContrastError `lib/file-unreadable`, `lib/file-too-large`, `cli/input-failed`
 */
export async function readInput(path: string, role: string, maxBytes: number, io: Io): Promise<InputBytes> {
  if (path === STANDARD_INPUT) return { bytes: await io.readInput(maxBytes), what: `${role} on standard input` };
  return { bytes: await readBytes(path, role, maxBytes), what: `${role} "${path}"` };
}

/**
 * Refuses a call that names standard input more than once, because only the first reader would get anything.
 *
 * @throws UsageError `terminal/invalid-argument`
 */
export function assertOneStandardInput(paths: readonly string[]): void {
  if (paths.filter((path) => path === STANDARD_INPUT).length < 2) return;
  throw new UsageError("terminal/invalid-argument", 'standard input ("-") can be read only once');
}
