import type { CommandDefinition, FlagDefinition, PositionalDefinition, Program } from "../command-definition.ts";
import { findCommand, flagsOf, type FoundCommand } from "../find-command.ts";
import { parseFlags } from "../flag-grammar.ts";
import { visibleCommands, visibleFlags } from "../help-text.ts";

/** What the shell shall do beside offering the candidates; the numbers of Cobra's protocol. */
export const DIRECTIVE = { files: 0, noFiles: 4, fileEndings: 8, directories: 16 } as const;

interface Candidate {
  /** The whole word, with `--flag=` where the word began so. */
  readonly word: string;
  readonly summary: string;
}

/** What may stand in place of the word that is being typed. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly directive: (typeof DIRECTIVE)[keyof typeof DIRECTIVE];
}

const NOTHING: Completion = { candidates: [], directive: DIRECTIVE.noFiles };

/**
 * Finds what may stand in place of the last word. A command line that cannot be understood has no completion.
 *
 * @param words after the name of the program; the last one is being typed and may be empty
 */
export async function completeWords(program: Program, words: readonly string[]): Promise<Completion> {
  const typed = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const found = await findBefore(program, before);
  if (found === undefined) return NOTHING;
  const flags = flagsOf(program, found.command);
  if (!before.includes("--")) {
    const pending = flagBefore(flags, before);
    if (pending !== undefined) return completeValue(pending, typed, "");
    const equals = typed.indexOf("=");
    if (typed.startsWith("-") && equals !== -1) {
      const flag = flagNamed(flags, typed.slice(0, equals));
      if (flag === undefined) return NOTHING;
      return completeValue(flag, typed.slice(equals + 1), typed.slice(0, equals + 1));
    }
    if (typed.startsWith("-")) return completeFlagNames(flags, before, typed);
  }
  if (found.command.subcommands !== undefined) return completeCommands(found.command, typed);
  return await completePositional(program, found, typed);
}

/** One candidate on each line, its summary after a tab, and `:` with the directive on the last line. */
export function renderCompletion(completion: Completion): string {
  const lines = completion.candidates.map(({ word, summary }) => (summary === "" ? word : `${word}\t${summary}`));
  return [...lines, `:${completion.directive}`].join("\n").concat("\n");
}

async function findBefore(program: Program, before: readonly string[]): Promise<FoundCommand | undefined> {
  try {
    return await findCommand(program, before);
  } catch {
    return undefined;
  }
}

function flagNamed(flags: readonly FlagDefinition[], text: string): FlagDefinition | undefined {
  if (text.startsWith("--")) return flags.find((flag) => flag.name === text.slice(2));
  return flags.find((flag) => text.length === 2 && flag.short === text.slice(1));
}

/** The flag whose value is being typed as a word of its own. */
function flagBefore(flags: readonly FlagDefinition[], before: readonly string[]): FlagDefinition | undefined {
  const flag = flagNamed(flags, before.at(-1) ?? "");
  return flag?.type === "boolean" ? undefined : flag;
}

function completeFlagNames(flags: readonly FlagDefinition[], before: readonly string[], typed: string): Completion {
  const unused = visibleFlags(flags).filter((flag) => flag.type === "strings" || !isUsed(flag, before));
  const candidates = unused.flatMap((flag) => {
    const words = flag.short === undefined ? [`--${flag.name}`] : [`--${flag.name}`, `-${flag.short}`];
    // One letter is only offered when the user asks for it with a single dash.
    const wanted = typed === "-" ? words : words.slice(0, 1);
    return wanted.map((word) => ({ word, summary: flag.summary }));
  });
  return { candidates: beginningWith(candidates, typed), directive: DIRECTIVE.noFiles };
}

function isUsed(flag: FlagDefinition, before: readonly string[]): boolean {
  const long = `--${flag.name}`;
  return before.some((word) => word === long || word.startsWith(`${long}=`) || word === `-${flag.short}`);
}

function completeValue(flag: FlagDefinition, typed: string, prefix: string): Completion {
  const values = flag.type === "boolean" ? ["true", "false"] : flag.choices;
  if (values !== undefined) {
    const candidates = values.map((value) => ({ word: `${prefix}${value}`, summary: "" }));
    return { candidates: beginningWith(candidates, `${prefix}${typed}`), directive: DIRECTIVE.noFiles };
  }
  if (flag.directories === true) return { candidates: [], directive: DIRECTIVE.directories };
  return completeFiles(flag.files);
}

function completeCommands(command: CommandDefinition, typed: string): Completion {
  const candidates = visibleCommands(command).map(({ name, summary }) => ({ word: name, summary }));
  return { candidates: beginningWith(candidates, typed), directive: DIRECTIVE.noFiles };
}

async function completePositional(
  program: Program,
  { command, args }: FoundCommand,
  typed: string,
): Promise<Completion> {
  const positionals: PositionalDefinition | undefined = command.positionals;
  const given = positionalsOf(program, command, args);
  if (positionals === undefined || given.length >= positionals.maximum) return NOTHING;
  if (positionals.commands === true) {
    const topic = (await findBefore(program, given))?.command;
    return topic?.subcommands === undefined ? NOTHING : completeCommands(topic, typed);
  }
  if (positionals.choices !== undefined) {
    const candidates = positionals.choices.map((word) => ({ word, summary: "" }));
    return { candidates: beginningWith(candidates, typed), directive: DIRECTIVE.noFiles };
  }
  if (positionals.directories === true) return { candidates: [], directive: DIRECTIVE.directories };
  return completeFiles(positionals.files);
}

function positionalsOf(program: Program, command: CommandDefinition, args: readonly string[]): readonly string[] {
  try {
    return parseFlags(flagsOf(program, command), args).positionals;
  } catch {
    return [];
  }
}

/** @param endings undefined completes nothing, an empty list any file */
function completeFiles(endings: readonly string[] | undefined): Completion {
  if (endings === undefined) return NOTHING;
  if (endings.length === 0) return { candidates: [], directive: DIRECTIVE.files };
  return {
    candidates: endings.map((word) => ({ word, summary: "" })),
    directive: DIRECTIVE.fileEndings,
  };
}

function beginningWith(candidates: readonly Candidate[], typed: string): readonly Candidate[] {
  return candidates.filter(({ word }) => word.toLowerCase().startsWith(typed.toLowerCase()));
}
