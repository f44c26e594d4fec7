import type { Logger } from "../lib/log.ts";
import type { Progress } from "../lib/progress.ts";

/** How results are printed: for people, or as one JSON object with a versioned schema. */
export type OutputFormat = "text" | "json";

/** What a command may touch of its surroundings; commands never use `process`, `console` or the clock directly. */
export interface Io {
  /** Writes one line of results to standard output. */
  readonly out: (line: string) => void;
  /** Writes bytes to standard output as they are (YAML, completion scripts). */
  readonly write: (chunk: string | Uint8Array) => void;
  /** Writes one line of progress, warnings or errors to standard error. */
  readonly err: (line: string) => void;
  /** Waits until the system has taken everything that was written. */
  readonly flush: () => Promise<void>;
  /** Reads standard input to its end; refuses more than `maxBytes`. */
  readonly readInput: (maxBytes: number) => Promise<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly progress: Progress;
  readonly format: OutputFormat;
  /** Characters on a line of standard output, where that is a terminal. */
  readonly columns: () => number | undefined;
}
