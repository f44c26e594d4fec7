import type { ErrorCode } from "./error-codes.ts";

/** What may be told about an error beside its code and message. */
export interface ErrorInfo {
  /** One imperative sentence that the user can act on. */
  readonly hint?: string | undefined;
  /** Field, expected, actual, path, url and the like; never secrets. */
  readonly details?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** The error that this one puts into context. */
  readonly cause?: unknown;
  /** A longer answer that belongs to the error, such as the verdict about refused evidence. */
  readonly report?: ErrorReport | undefined;
}

/** What is printed below the message of an error, for people and for programs. */
export interface ErrorReport {
  /** Lines for a terminal, without indentation of their own. */
  readonly lines: readonly string[];
  /** Members that are added to the JSON object of the error. */
  readonly json: Readonly<Record<string, unknown>>;
}

/**
 * The only error that crosses a room's border.
 *
 * Messages start with the action that failed, then a colon and the fact, current value before wanted value, strings in
 * double quotes, no final period: `Cannot read TCB version: got 7 bytes, need 8`. Context is added by wrapping (`cause`).
 */
export class ContrastError extends Error {
  override readonly name = "ContrastError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: NonNullable<ErrorInfo["details"]>;
  readonly report: ErrorReport | undefined;

  constructor(code: ErrorCode, message: string, info: ErrorInfo = {}) {
    super(message, { cause: info.cause });
    this.code = code;
    this.hint = info.hint;
    this.details = info.details ?? {};
    this.report = info.report;
  }
}

/**
 * Puts an error into context: the result is a `ContrastError` that keeps the code and hint of a `ContrastError` cause.
 *
 * @param error anything that was thrown
 * @param message the failed action, such as `Cannot read manifest "manifest.json"`
 * @param code used only when `error` carries no code of its own
 */
export function inContext(error: unknown, message: string, code: ErrorCode): ContrastError {
  if (error instanceof ContrastError) return new ContrastError(error.code, message, { cause: error });
  return new ContrastError(code, message, { cause: error });
}

/**
 * The text of anything thrown, for a message that quotes it. Of `ENOENT: no such file or directory, open 'x'`, as the
 * file system says it, only the words for people are left; the message around it names the path.
 */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^E[A-Z0-9]+: ([^,]+), [a-z]+(?: '.*')?$/s.exec(error.message)?.[1] ?? error.message;
}

/**
 * The messages of an error and its causes on one line, outermost first; a cause that its context quotes is left out, and
 * so is one that only counts problems (`ProblemsError`).
 */
export function messageChainOf(error: unknown): string {
  const messages: string[] = [];
  for (let link = error; link !== undefined; link = link instanceof Error ? link.cause : undefined) {
    if (link !== error && link instanceof Error && "problems" in link) continue;
    const message = messageOf(link);
    if (!messages.some((outer) => outer.includes(message))) messages.push(message);
  }
  return messages.join(": ");
}
