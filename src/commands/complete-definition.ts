import type { CommandDefinition } from "../terminal/command-definition.ts";

/** `contrast __complete WORDS...`, called by the completion scripts; the last word is the one being typed. */
export const completeDefinition: CommandDefinition = {
  name: "__complete",
  summary: "Print the words that complete a command line",
  hidden: true,
  rawArguments: true,
  load: async () => (await import("./complete.ts")).completeCommand,
};
