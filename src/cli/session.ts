import type { CommandDefinition, Program } from "../terminal/command-definition.ts";
import type { OutputStream } from "./output-stream.ts";

/** One run of the program: its commands, its words and its streams. */
export interface Session {
  readonly program: Program;
  /** Words after the name of the program. */
  readonly args: readonly string[];
  readonly out: OutputStream;
  readonly err: OutputStream;
  /** The command that the words name, as soon as that is known; it has a say in the exit status. */
  command?: CommandDefinition;
}
