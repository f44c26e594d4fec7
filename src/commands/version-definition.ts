import type { CommandDefinition } from "../terminal/command-definition.ts";

/** `contrast version`; in text form the same as `contrast --version`. */
export const versionDefinition: CommandDefinition = {
  name: "version",
  summary: "Show the version and what this build expects",
  examples: [{ comment: "Read the version in a script", command: "contrast version --format json" }],
  flags: [{ name: "notices", type: "boolean", summary: "Show the licences of the software in this binary instead" }],
  load: async () => (await import("./version.ts")).versionCommand,
};
