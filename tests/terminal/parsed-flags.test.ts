import { describe, expect, test } from "bun:test";
import { findCommand, flagsOf } from "../../src/terminal/find-command.ts";
import { parseFlags } from "../../src/terminal/flag-grammar.ts";
import type { ParsedFlags } from "../../src/terminal/command-definition.ts";
import { createParsedFlags } from "../../src/terminal/parsed-flags.ts";
import { codeOf } from "../fakes/error-code.ts";
import { SAMPLE } from "./sample-program.ts";

const { command } = await findCommand(SAMPLE, ["make"]);
const DEFINITIONS = flagsOf(SAMPLE, command);

function flags(workspace: string, ...args: readonly string[]): ParsedFlags {
  return createParsedFlags(DEFINITIONS, parseFlags(DEFINITIONS, args).values, workspace);
}

describe("createParsedFlags()", () => {
  test("gives defaults, and empty values where there is none", () => {
    const parsed = flags("");
    expect([parsed.string("rules"), parsed.string("kind"), parsed.boolean("no-keys")]).toEqual([
      "rules.rego",
      "",
      false,
    ]);
    expect(parsed.strings("key")).toEqual(["a.pem"]);
    expect(parsed.isSet("rules")).toBe(false);
  });

  test("replaces the default list at the first use", () => {
    expect(flags("", "-k", "b", "-k", "c").strings("key")).toEqual(["b", "c"]);
  });

  test("puts the workspace before defaults only", () => {
    const parsed = flags("/w", "-k", "given.pem");
    expect(parsed.string("rules")).toBe("/w/rules.rego");
    expect(parsed.strings("key")).toEqual(["given.pem"]);
    expect(flags("w/").strings("key")).toEqual(["w/a.pem"]);
    expect(flags("/w", "--rules", "rules.rego").string("rules")).toBe("rules.rego");
    expect(parsed.string("log-level")).toBe("warn");
  });

  test("tells a value that was given from a default", () => {
    const parsed = flags("", "--rules", "rules.rego", "--no-keys=false");
    expect([parsed.isSet("rules"), parsed.isSet("no-keys"), parsed.isSet("key")]).toEqual([true, true, false]);
  });

  test.each(["missing", "no-keys", "key", "toString"])("refuses to read %s as a string", (name) => {
    expect(codeOf(() => flags("").string(name))).toBe("lib/internal");
  });
});
