import type { CommandDefinition, Program } from "../../src/terminal/command-definition.ts";

const load: NonNullable<CommandDefinition["load"]> = async () => ({ run: async () => {} });

const GROUP: CommandDefinition = {
  name: "group",
  summary: "Hold commands",
  subcommands: [
    { name: "inner", summary: "Lie inside", load },
    {
      name: "walk",
      summary: "Walk",
      positionals: { usage: "directories...", minimum: 1, maximum: 9, directories: true },
      load,
    },
  ],
};

/** A small tree with every kind of definition. */
export const SAMPLE: Program = {
  root: {
    name: "tool",
    summary: "Do things",
    flags: [{ name: "version", short: "v", type: "boolean", summary: "Show the version" }],
    subcommands: [
      {
        name: "make",
        summary: "Make a thing",
        description: "First paragraph.\n\nSecond paragraph.",
        examples: [{ comment: "Make it here", command: "tool make --kind big here.yml" }],
        positionals: { usage: "paths...", minimum: 0, maximum: Number.POSITIVE_INFINITY, files: ["yml", "yaml"] },
        exclusive: [["key", "no-keys"]],
        flags: [
          { name: "kind", type: "string", value: "KIND", required: true, choices: ["big", "bigger"], summary: "Size" },
          {
            name: "rules",
            short: "r",
            type: "string",
            default: "rules.rego",
            files: ["rego"],
            inWorkspace: true,
            summary: "Rules",
          },
          {
            name: "key",
            short: "k",
            type: "strings",
            value: "FILE",
            default: ["a.pem"],
            files: [],
            inWorkspace: true,
            summary: "Keys",
          },
          { name: "no-keys", short: "n", type: "boolean", summary: "No keys" },
          { name: "secret", type: "string", hidden: true, summary: "Not shown" },
        ],
        load,
      },
      { name: GROUP.name, summary: GROUP.summary, define: async () => GROUP },
      {
        name: "shell",
        summary: "Pick one",
        positionals: { usage: "a|b", minimum: 1, maximum: 1, choices: ["a", "b"] },
        load,
      },
      {
        name: "help",
        summary: "Help",
        positionals: { usage: "[command]", minimum: 0, maximum: 9, commands: true },
        load,
      },
      { name: "__raw", summary: "Raw", hidden: true, rawArguments: true, load },
    ],
  },
  globalFlags: [
    { name: "help", short: "h", type: "boolean", summary: "Show help" },
    { name: "log-level", type: "string", value: "LEVEL", default: "warn", summary: "Level" },
    { name: "workspace-dir", type: "string", value: "DIR", directories: true, summary: "Directory" },
  ],
};
