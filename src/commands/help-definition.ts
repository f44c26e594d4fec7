import type { CommandDefinition } from "../terminal/command-definition.ts";

/** `contrast help [command]`. */
export const helpDefinition: CommandDefinition = {
  name: "help",
  summary: "Show help for any command",
  examples: [{ comment: "Show the flags of generate", command: "contrast help generate" }],
  positionals: { usage: "[command]", minimum: 0, maximum: Number.POSITIVE_INFINITY, commands: true },
  load: async () => (await import("./help.ts")).helpCommand,
};
