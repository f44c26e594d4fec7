import { describe, expect, test } from "bun:test";
import { PROGRAM } from "../../src/cli/root-definition.ts";
import { PLATFORMS } from "../../src/manifest/platforms.ts";
import { checkCall } from "../../src/terminal/check-call.ts";
import { commandPaths } from "../../scripts/docs/command-paths.ts";
import type { CommandDefinition, FlagDefinition } from "../../src/terminal/command-definition.ts";
import { commandName, definitionOf, findCommand, flagsOf } from "../../src/terminal/find-command.ts";
import { parseFlags } from "../../src/terminal/flag-grammar.ts";
import { createParsedFlags } from "../../src/terminal/parsed-flags.ts";
import { shellWords } from "../fakes/shell-words.ts";

const PATHS = await commandPaths([PROGRAM.root]);
const COMMANDS = PATHS.map((path) => ({ name: commandName(path), command: path.at(-1)! }));

function flagNamed(command: CommandDefinition, name: string): FlagDefinition | undefined {
  return flagsOf(PROGRAM, command).find((flag) => flag.name === name);
}

describe("PROGRAM", () => {
  test.each(PROGRAM.root.subcommands ?? [])("lists $name as its definition does", async (listed) => {
    const { name, summary, hidden } = await definitionOf(listed);
    expect({ name, summary, hidden }).toEqual({ name: listed.name, summary: listed.summary, hidden: listed.hidden });
  });

  test("loads no definition before a command is named", () => {
    for (const listed of PROGRAM.root.subcommands ?? []) expect(Object.keys(listed)).toContain("define");
  });

  test.each(COMMANDS)("$name names each of its flags once", ({ command }) => {
    const flags = flagsOf(PROGRAM, command);
    const names = [
      ...flags.map((flag) => `--${flag.name}`),
      ...flags.flatMap((flag) => (flag.short ? [`-${flag.short}`] : [])),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^(--[a-z][a-z0-9-]+|-[a-z])$/.test(name))).toEqual([]);
  });

  test.each(COMMANDS)("$name has consistent definitions", ({ command }) => {
    for (const name of command.exclusive?.flat() ?? []) expect(flagNamed(command, name)).toBeDefined();
    for (const flag of command.flags ?? []) {
      const fits = { string: "string", boolean: "boolean", strings: "object" }[flag.type];
      expect([fits, "undefined"]).toContain(typeof flag.default);
      if (flag.inWorkspace === true) expect(flag.default).toBeDefined();
    }
    // A group holds commands; everything else can be run.
    if (command.load === undefined) expect(command.subcommands).toBeDefined();
  });

  test.each(COMMANDS)("$name is described in one line without a final period", ({ command }) => {
    for (const { summary } of [command, ...(command.flags ?? [])]) expect(summary).toMatch(/^[A-Z][^\n]*[^.\s]$/);
  });

  const examples = COMMANDS.flatMap(({ command }) => command.examples ?? []).flatMap(({ command }) =>
    [...command.matchAll(/contrast ([^|>)]+)/g)].map((match) => (match[1] ?? "").trim()),
  );

  test.each(examples)("shows an example that works: contrast %s", async (line) => {
    const { path, command, args } = await findCommand(PROGRAM, shellWords(line));
    const flags = flagsOf(PROGRAM, command);
    const { values, positionals } = parseFlags(flags, args);
    expect(() => checkCall(path, command, createParsedFlags(flags, values, ""), positionals)).not.toThrow();
  });

  test("offers every platform in the order of listings", async () => {
    const { command } = await findCommand(PROGRAM, ["generate"]);
    expect(flagNamed(command, "reference-values")?.choices).toEqual(PLATFORMS.map((platform) => platform.name));
  });

  test("knows every flag of the original's generate, with its short form and default", async () => {
    const { command } = await findCommand(PROGRAM, ["generate"]);
    const original = [
      ["reference-values", undefined, "string", undefined],
      ["policy", "p", "string", "rules.rego"],
      ["settings", "s", "string", "settings.json"],
      ["genpolicy-cache-path", "c", "string", "layers-cache.json"],
      ["manifest", "m", "string", "manifest.json"],
      ["add-workload-owner-key", "w", "strings", ["workload-owner.pem"]],
      ["add-seedshare-owner-key", undefined, "strings", ["seedshare-owner.pem"]],
      ["disable-updates", "d", "boolean", undefined],
      ["skip-initializer", undefined, "boolean", undefined],
      ["skip-service-mesh", undefined, "boolean", undefined],
      ["output", "o", "string", undefined],
      ["image-replacements", undefined, "string", undefined],
    ] as const;
    for (const [name, short, type, value] of original) {
      const flag = flagNamed(command, name);
      expect([flag?.name, flag?.short, flag?.type, flag?.default]).toEqual([name, short, type, value as never]);
    }
  });

  test("puts the workspace before exactly the files that the original puts it before", async () => {
    const { command } = await findCommand(PROGRAM, ["generate"]);
    const inWorkspace = (command.flags ?? []).filter((flag) => flag.inWorkspace === true).map((flag) => flag.name);
    expect(inWorkspace).toEqual([
      "policy",
      "settings",
      "genpolicy-cache-path",
      "manifest",
      "add-workload-owner-key",
      "add-seedshare-owner-key",
    ]);
  });
});
