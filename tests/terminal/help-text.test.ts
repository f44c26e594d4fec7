import { describe, expect, test } from "bun:test";
import { PROGRAM } from "../../src/cli/root-definition.ts";
import { findCommand } from "../../src/terminal/find-command.ts";
import { renderHelp, renderUsage } from "../../src/terminal/help-text.ts";
import { SAMPLE } from "./sample-program.ts";

const MAKE_FLAGS = `Flags:
      --kind KIND     Size (one of big, bigger; required)
  -r, --rules VALUE   Rules (default "rules.rego")
  -k, --key FILE      Keys (repeatable; default "a.pem")
  -n, --no-keys       No keys

Global flags:
  -h, --help                Show help
      --log-level LEVEL     Level (default "warn")
      --workspace-dir DIR   Directory
`;

describe("renderHelp()", () => {
  test("shows examples before anything else, and no hidden flag", async () => {
    const { path } = await findCommand(SAMPLE, ["make"]);
    expect(renderHelp(SAMPLE, path)).toBe(`Make a thing

Examples:
  # Make it here
  tool make --kind big here.yml

Usage:
  tool make [flags] paths...

First paragraph.

Second paragraph.

${MAKE_FLAGS}`);
  });

  test("lists the commands of a group, and no hidden command", () => {
    const help = renderHelp(SAMPLE, [SAMPLE.root]);
    expect(help).toContain("Commands:\n  make    Make a thing\n  group   Hold commands\n");
    expect(help).toContain("Usage:\n  tool [command]\n");
    expect(help).not.toContain("__raw");
  });
});

describe("renderHelp() on a terminal", () => {
  test.each([1, 40, 60, 80, 200])("of %d columns keeps within it, from 40 to 100", async (columns) => {
    const help = renderHelp(PROGRAM, (await findCommand(PROGRAM, ["generate"])).path, columns);
    // Examples are there to be copied.
    const prose = help.slice(help.indexOf("Usage:")).split("\n");
    const longest = Math.max(...prose.map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(Math.min(100, Math.max(columns, 45)));
  });
});

describe("renderUsage()", () => {
  test("is the short form", async () => {
    const { path } = await findCommand(SAMPLE, ["make"]);
    expect(renderUsage(SAMPLE, path)).toBe(`Usage:\n  tool make [flags] paths...\n\n${MAKE_FLAGS}`);
  });
});
