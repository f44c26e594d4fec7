import { describe, expect, test } from "bun:test";
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
  test("shows examples before anything else, and no hidden flag", () => {
    const { path } = findCommand(SAMPLE, ["make"]);
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

describe("renderUsage()", () => {
  test("is the short form", () => {
    const { path } = findCommand(SAMPLE, ["make"]);
    expect(renderUsage(SAMPLE, path)).toBe(`Usage:\n  tool make [flags] paths...\n\n${MAKE_FLAGS}`);
  });
});
