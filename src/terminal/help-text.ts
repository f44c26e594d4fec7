import type { CommandDefinition, DeferredCommand, FlagDefinition, Program } from "./command-definition.ts";
import { commandName } from "./find-command.ts";
import { wrapText } from "./wrap-text.ts";

/** Longest line where more would fit, because longer ones are hard to read. */
const MAX_WIDTH = 100;
const MIN_WIDTH = 40;

/**
 * The long help of a command: what it does, examples, usage, details, subcommands, flags.
 *
 * @param path from the root to the command, which is never empty
 * @param columns of the terminal, where it is shown on one
 * @returns lines joined by newlines, with a final newline
 */
export function renderHelp(program: Program, path: readonly CommandDefinition[], columns?: number): string {
  const width = lineWidth(columns);
  const command = path.at(-1) ?? program.root;
  const examples = (command.examples ?? []).map((example) => `  # ${example.comment}\n  ${example.command}`);
  return [
    command.summary,
    ...(examples.length === 0 ? [] : [`Examples:\n${examples.join("\n\n")}`]),
    usageSection(path),
    ...(command.description === undefined ? [] : [wrapParagraphs(command.description, width)]),
    ...sections(program, path, width),
  ]
    .join("\n\n")
    .concat("\n");
}

/** The short form that is shown beside an error: usage, subcommands, flags. */
export function renderUsage(program: Program, path: readonly CommandDefinition[], columns?: number): string {
  return [usageSection(path), ...sections(program, path, lineWidth(columns))].join("\n\n").concat("\n");
}

/** The line after "Usage:", such as `contrast generate [flags] paths...`. */
export function usageLine(path: readonly CommandDefinition[]): string {
  const command = path.at(-1);
  const positionals = command?.positionals === undefined ? "" : ` ${command.positionals.usage}`;
  return `${commandName(path)} [flags]${positionals}`;
}

/** Commands that are shown to people. */
export function visibleCommands(command: CommandDefinition): readonly (CommandDefinition | DeferredCommand)[] {
  return (command.subcommands ?? []).filter((child) => child.hidden !== true);
}

/** Flags that are shown to people. */
export function visibleFlags(flags: readonly FlagDefinition[] | undefined): readonly FlagDefinition[] {
  return (flags ?? []).filter((flag) => flag.hidden !== true);
}

/** How a flag is written, such as `-p, --policy FILE`. */
export function flagUsage(flag: FlagDefinition): string {
  const value = flag.type === "boolean" ? "" : ` ${flag.value ?? "VALUE"}`;
  return `${flag.short === undefined ? "" : `-${flag.short}, `}--${flag.name}${value}`;
}

/** What a flag does, with its values and default where they are worth telling. */
export function flagSummary(flag: FlagDefinition): string {
  const notes = [
    ...(flag.choices === undefined ? [] : [`one of ${flag.choices.join(", ")}`]),
    ...(flag.required === true ? ["required"] : []),
    ...(flag.type === "strings" ? ["repeatable"] : []),
    ...defaultNote(flag.default),
  ];
  return notes.length === 0 ? flag.summary : `${flag.summary} (${notes.join("; ")})`;
}

function defaultNote(value: FlagDefinition["default"]): readonly string[] {
  if (value === undefined || value === false || value === "") return [];
  const text = typeof value === "object" ? value.map((item) => JSON.stringify(item)).join(", ") : JSON.stringify(value);
  return text === "" ? [] : [`default ${text}`];
}

function usageSection(path: readonly CommandDefinition[]): string {
  const command = path.at(-1);
  const lines = command?.load === undefined ? [] : [`  ${usageLine(path)}`];
  if (command !== undefined && visibleCommands(command).length > 0) lines.push(`  ${commandName(path)} [command]`);
  return `Usage:\n${lines.join("\n")}`;
}

function lineWidth(columns = MAX_WIDTH): number {
  return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, columns));
}

function sections(program: Program, path: readonly CommandDefinition[], width: number): readonly string[] {
  const command = path.at(-1) ?? program.root;
  const commands = visibleCommands(command);
  const result: string[] = [];
  if (commands.length > 0) {
    result.push(
      `Commands:\n${table(
        commands.map((child) => [child.name, child.summary]),
        width,
      )}`,
    );
  }
  const rows = (flags: readonly FlagDefinition[]): string =>
    table(
      flags.map((flag) => [`${flag.short === undefined ? "    " : ""}${flagUsage(flag)}`, flagSummary(flag)]),
      width,
    );
  const own = visibleFlags(command.flags);
  if (own.length > 0) result.push(`Flags:\n${rows(own)}`);
  result.push(`Global flags:\n${rows(visibleFlags(program.globalFlags))}`);
  if (commands.length > 0) {
    result.push(`Use "${commandName(path)} [command] --help" for more information about a command.`);
  }
  return result;
}

/** Two columns; the second one is wrapped and stays aligned. */
function table(rows: readonly (readonly [string, string])[], columns: number): string {
  const width = Math.min(Math.floor(columns * 0.4), Math.max(...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) => {
      const indent = " ".repeat(width + 5);
      const text = wrapText(right, columns - indent.length).join(`\n${indent}`);
      return left.length > width ? `  ${left}\n${indent}${text}` : `  ${left.padEnd(width)}   ${text}`;
    })
    .join("\n");
}

function wrapParagraphs(text: string, width: number): string {
  return text
    .split("\n\n")
    .map((paragraph) => wrapText(paragraph, width).join("\n"))
    .join("\n\n");
}
