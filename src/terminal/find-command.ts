import type { CommandDefinition, DeferredCommand, FlagDefinition, Program } from "./command-definition.ts";
import { UsageError } from "./usage-error.ts";

/** A command found on the command line. */
export interface FoundCommand {
  /** From the root to the command itself. */
  readonly path: readonly [CommandDefinition, ...CommandDefinition[]];
  readonly command: CommandDefinition;
  /** The words that are left when the names of commands are taken out. */
  readonly args: readonly string[];
}

/**
 * Finds the command that the words name. Flags may stand before the name of a command; a word after a flag that takes
 * a value is that value. Of deferred commands, those on the way to the command are defined, and no others.
 *
 * @throws UsageError `terminal/unknown-command`
 * @see github.com/spf13/cobra command.go, Find
 */
export async function findCommand(program: Program, args: readonly string[]): Promise<FoundCommand> {
  const path: [CommandDefinition, ...CommandDefinition[]] = [program.root];
  let command = program.root;
  const rest = [...args];
  while (command.subcommands !== undefined) {
    const index = firstPositional(flagsOf(program, command), rest);
    const name = index === undefined ? undefined : rest[index];
    if (index === undefined || name === undefined) break;
    const next = command.subcommands.find((candidate) => candidate.name === name);
    if (next === undefined) throw unknownCommand(path, name);
    rest.splice(index, 1);
    command = await definitionOf(next);
    path.push(command);
  }
  return { path, command, args: rest };
}

/** A command with everything that is known about it. */
export async function definitionOf(command: CommandDefinition | DeferredCommand): Promise<CommandDefinition> {
  return "define" in command ? await command.define() : command;
}

/** The flags that a command accepts: its own, then those of every command. */
export function flagsOf(program: Program, command: CommandDefinition): readonly FlagDefinition[] {
  return [...(command.flags ?? []), ...program.globalFlags];
}

/** The words that call a command, such as `contrast policy test`. */
export function commandName(path: readonly CommandDefinition[]): string {
  return path.map((command) => command.name).join(" ");
}

/** Where the first word stands that is neither a flag nor the value of one. */
function firstPositional(flags: readonly FlagDefinition[], args: readonly string[]): number | undefined {
  for (let index = 0; index < args.length; index++) {
    const word = args[index];
    if (word === undefined || word === "--") return undefined;
    if (!word.startsWith("-") || word === "-") return index;
    const takesNextWord = word.startsWith("--")
      ? !word.includes("=") && !isBoolean(flags.find((flag) => flag.name === word.slice(2)))
      : word.length === 2 && !isBoolean(flags.find((flag) => flag.short === word.slice(1)));
    if (takesNextWord) index++;
  }
  return undefined;
}

function isBoolean(flag: FlagDefinition | undefined): boolean {
  return flag?.type === "boolean";
}

function unknownCommand(path: readonly [CommandDefinition, ...CommandDefinition[]], name: string): UsageError {
  const parent = commandName(path);
  const error = new UsageError("terminal/unknown-command", `unknown command ${JSON.stringify(name)} for "${parent}"`);
  error.unknownIn = { path, name };
  return error;
}
