import type { CommandDefinition } from "../terminal/command-definition.ts";

/** `contrast help [command]` and `contrast help CODE`. */
export const helpDefinition: CommandDefinition = {
  name: "help",
  summary: "Show help for any command or error code",
  description:
    "Explains the command whose name is given, or the error code, such as attestation/rejected: what it means, what usually causes it, and what to do. Needs no network.",
  examples: [
    { comment: "Show the flags of generate", command: "contrast help generate" },
    { comment: "Explain an error code", command: "contrast help attestation/rejected" },
  ],
  positionals: { usage: "[command|code]", minimum: 0, maximum: Number.POSITIVE_INFINITY, commands: true },
  load: async () => (await import("./help.ts")).helpCommand,
};
