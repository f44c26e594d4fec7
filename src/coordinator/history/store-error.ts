import type { ErrorCode } from "../../lib/error-codes.ts";
import { ContrastError } from "../../lib/errors.ts";

const UNREADABLE = "coordinator/history-unreadable";
const UNWRITABLE = "coordinator/history-unwritable";
const CORRUPT = "coordinator/history-corrupt";

const CODES: Partial<Record<ErrorCode, ErrorCode>> = {
  "lib/file-unreadable": UNREADABLE,
  "lib/file-unwritable": UNWRITABLE,
  "lib/file-not-regular": CORRUPT,
  "lib/file-too-large": CORRUPT,
  "coordinator/history-corrupt": CORRUPT,
};

const HINTS: Partial<Record<ErrorCode, string>> = {
  [UNREADABLE]: "Check the volume and the permissions of the directory.",
  [UNWRITABLE]: "Check the free space of the volume, and that it can be written; the history is as it was.",
  [CORRUPT]: "Restore the object from a copy of the volume.",
};

/**
 * What a failure of the disk means for the history, with the object and the path; anything unexpected stays as it is.
 *
 * @param action such as `read`
 * @param key of the object, or the directory
 */
export function storeError(error: unknown, action: string, key: string): unknown {
  if (!(error instanceof ContrastError)) return error;
  const code = CODES[error.code];
  if (code === undefined) return error;
  return new ContrastError(code, `Cannot ${action} "${key}" of the history: ${error.message}`, {
    cause: error,
    hint: HINTS[code],
    details: { ...error.details, object: key },
  });
}

/** Whether the disk refused to write; what else goes wrong is not for the caller to pass over. */
export function isUnwritable(error: unknown): boolean {
  return error instanceof ContrastError && error.code === UNWRITABLE;
}
