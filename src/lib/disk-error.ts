import { ContrastError, messageOf } from "./errors.ts";

/** Whether an error of the platform has this code, such as `ENOENT`. */
export function isDiskError(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** The code of an error of the platform, such as `ENOSPC`; `unknown` where it has none. */
function diskCodeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}

/** The error for what could not be read; a `ContrastError` stays as it is. */
export function unreadable(path: string, error: unknown): ContrastError {
  if (error instanceof ContrastError) return error;
  return new ContrastError("lib/file-unreadable", `Cannot read "${path}": ${messageOf(error)}`, {
    cause: error,
    details: { path, cause: diskCodeOf(error) },
  });
}

/** The error for what could not be written; a `ContrastError` stays as it is. */
export function unwritable(path: string, error: unknown): ContrastError {
  if (error instanceof ContrastError) return error;
  return new ContrastError("lib/file-unwritable", `Cannot write "${path}": ${messageOf(error)}`, {
    cause: error,
    details: { path, cause: diskCodeOf(error) },
  });
}

/** The error for something else where a file or directory should be. */
export function notRegular(path: string, fact: string, cause?: unknown): ContrastError {
  return new ContrastError("lib/file-not-regular", `Cannot use "${path}": ${fact}`, { cause, details: { path } });
}

/** The error for a file above its limit. */
export function tooLarge(path: string, sizeBytes: number, maxBytes: number): ContrastError {
  return new ContrastError("lib/file-too-large", `Cannot read "${path}": got ${sizeBytes} bytes, limit ${maxBytes}`, {
    details: { path, sizeBytes, maxBytes },
  });
}
