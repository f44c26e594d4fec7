import type { OutputStream } from "./output-stream.ts";

/** One run of the program: its words and its streams. */
export interface Session {
  /** Words after the name of the program. */
  readonly args: readonly string[];
  readonly out: OutputStream;
  readonly err: OutputStream;
}
