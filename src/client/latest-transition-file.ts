import { ContrastError } from "../lib/errors.ts";
import { exists, readText } from "../lib/files.ts";

/** Name of the file beside a downloaded history, as later versions of the original have it. */
export const LATEST_TRANSITION_FILE = "latest-transition";

const HASH_BYTES = 32;
const MAX_FILE_BYTES = 1024;

/**
 * Reads the transition that `verify` saw last: 64 hexadecimal digits.
 *
 * @returns 32 bytes; undefined where there is no such file
 * @throws ContrastError `client/transition-invalid`, `lib/file-unreadable`, `lib/file-too-large`, `lib/text-not-utf8`
 */
export async function readLatestTransition(path: string): Promise<Uint8Array | undefined> {
  if (!(await exists(path))) return undefined;
  const digits = (await readText(path, "latest transition", MAX_FILE_BYTES)).trim();
  if (/^[0-9A-Fa-f]*$/.test(digits) && digits.length === 2 * HASH_BYTES) return Uint8Array.fromHex(digits);
  throw new ContrastError(
    "client/transition-invalid",
    `Cannot use "${path}": want ${2 * HASH_BYTES} hexadecimal digits and nothing else`,
    { hint: 'Run "contrast verify", which writes it anew.' },
  );
}
