import type { ErrorClass } from "../lib/error-codes.ts";
import type { Io } from "./io.ts";

/**
 * The whole command tree; help, completions, man pages and the reference in `docs/` are made from it. Definitions may
 * be deferred, so that a start of the program loads no more of the tree than its words name.
 */
export interface Program {
  readonly root: CommandDefinition;
  /** Flags that every command accepts. */
  readonly globalFlags: readonly FlagDefinition[];
  /** Exit status of each class of errors with structured output; for help about error codes. */
  readonly exitStatuses?: Readonly<Record<ErrorClass, number>>;
}

/** What a list of commands shows of one. */
export interface CommandSummary {
  readonly name: string;
  /** One line, no final period. */
  readonly summary: string;
  /** Left out of help, completions and documentation. */
  readonly hidden?: boolean;
}

/** A command of which only the summary is known until somebody names it; its definition has the same summary. */
export interface DeferredCommand extends CommandSummary {
  readonly define: () => Promise<CommandDefinition>;
}

/**
 * A command as data: parsing, `--help`, completions, man pages and the reference in `docs/` are all made from it.
 * The implementation stays behind `load`, so that no heavy room is loaded before it is needed.
 */
export interface CommandDefinition extends CommandSummary {
  /** Paragraphs of the long help, separated by empty lines. */
  readonly description?: string;
  readonly examples?: readonly CommandExample[];
  readonly positionals?: PositionalDefinition;
  readonly flags?: readonly FlagDefinition[];
  /** Groups of flag names of which only one may be set. */
  readonly exclusive?: readonly (readonly string[])[];
  readonly subcommands?: readonly (CommandDefinition | DeferredCommand)[];
  /** Words after the name are passed on unparsed as positionals. */
  readonly rawArguments?: boolean;
  /** Exit status after any error, in either format: for commands whose status 1 is an answer, as of diff(1). */
  readonly troubleStatus?: number;
  /** Name of the boolean flag that makes status 1 an answer; `troubleStatus` holds only with it. */
  readonly troubleFlag?: string;
  readonly load?: () => Promise<CommandImplementation>;
}

interface CommandExample {
  readonly command: string;
  readonly comment: string;
}

/** The arguments of a command that are no flags. */
export interface PositionalDefinition {
  /** As shown in usage, such as `paths...`. */
  readonly usage: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Fixed values for completion and checking, such as shell names. */
  readonly choices?: readonly string[];
  /** Completes file names with these endings; an empty list completes any file. */
  readonly files?: readonly string[];
  /** Completes the names of commands. */
  readonly commands?: boolean;
  /** Completes names of directories. */
  readonly directories?: boolean;
}

/** A flag as data. */
export interface FlagDefinition {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  /** `strings` may be repeated; its first use replaces the default. */
  readonly type: "string" | "strings" | "boolean";
  /** Name of the value in help, such as `FILE`. */
  readonly value?: string;
  readonly default?: string | readonly string[] | boolean;
  readonly required?: boolean;
  readonly hidden?: boolean;
  /** One line, no final period. */
  readonly summary: string;
  /** Values for help and completion; the command itself refuses others. */
  readonly choices?: readonly string[];
  /** Completes file names with these endings; an empty list completes any file. */
  readonly files?: readonly string[];
  /** Completes names of directories. */
  readonly directories?: boolean;
  /** `--workspace-dir` is put before the default; a value that the user gave is used as it is. */
  readonly inWorkspace?: boolean;
}

/** Flags of one call after parsing: typed by name, and knowing which of them the user gave. */
export interface ParsedFlags {
  /**
   * The value, else the default, else an empty string.
   *
   * @throws ContrastError `lib/internal` for a name that the definition lacks, here and in `strings` and `boolean`
   */
  string(name: string): string;
  /** All values in order, else the default, else none. */
  strings(name: string): readonly string[];
  boolean(name: string): boolean;
  /** Whether the user gave the flag (a default does not count). */
  isSet(name: string): boolean;
}

/** What a command does; loaded when it is called. */
export interface CommandImplementation {
  /** @returns the exit status where it is part of the answer; otherwise nothing, which is 0 */
  run(call: CommandCall, io: Io): Promise<number | void>;
}

/** The words of one call, parsed. */
export interface CommandCall {
  readonly flags: ParsedFlags;
  readonly positionals: readonly string[];
  /** The tree that the command belongs to, for help and completion. */
  readonly program: Program;
}
