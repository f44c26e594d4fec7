import type { CommandDefinition } from "../../src/terminal/command-definition.ts";
import { definitionOf } from "../../src/terminal/find-command.ts";

/** From the root of the command tree to one command. */
export type CommandPath = readonly [CommandDefinition, ...CommandDefinition[]];

/** The way to a command and to everything below it, hidden commands too; their definitions are loaded. */
export async function commandPaths(path: CommandPath): Promise<readonly CommandPath[]> {
  const children = await Promise.all((path.at(-1)?.subcommands ?? []).map(definitionOf));
  const below = await Promise.all(children.map(async (child) => await commandPaths([...path, child])));
  return [path, ...below.flat()];
}

/** Whether people are shown the command. */
export function isShown(path: CommandPath): boolean {
  return path.every((command) => command.hidden !== true);
}
