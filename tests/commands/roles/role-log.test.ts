import { describe, expect, test } from "bun:test";
import { createRoleLog } from "../../../src/commands/roles/role-log.ts";
import { coordinatorDefinition } from "../../../src/commands/roles/coordinator-definition.ts";
import { PROGRAM } from "../../../src/cli/root-definition.ts";
import { flagsOf } from "../../../src/terminal/find-command.ts";
import { parseFlags } from "../../../src/terminal/flag-grammar.ts";
import { createParsedFlags } from "../../../src/terminal/parsed-flags.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { recordIo } from "../../fakes/recorded-io.ts";

const DEFINITIONS = flagsOf(PROGRAM, coordinatorDefinition);

function roleLog(words: readonly string[], env: Readonly<Record<string, string>>) {
  const io = recordIo({ env });
  const flags = createParsedFlags(DEFINITIONS, parseFlags(DEFINITIONS, words).values, "");
  return { ...createRoleLog(flags, io), told: io.told };
}

describe("createRoleLog()", () => {
  test.each([
    [[], {}, ["INFO", "WARN"]],
    [[], { CONTRAST_LOG_LEVEL: "warn" }, ["WARN"]],
    [[], { CONTRAST_LOG_LEVEL: "debug" }, ["DEBUG", "INFO", "WARN"]],
    [["--log-level", "error"], { CONTRAST_LOG_LEVEL: "debug" }, []],
  ])("takes its level from %p and %p", (words, env, levels) => {
    const { log, told } = roleLog(words, env);
    log.debug("a");
    log.info("b");
    log.warn("c");
    expect(told.map((line) => /level=(\w+)/.exec(line)?.[1] ?? "")).toEqual(levels);
  });

  test("refuses a level that does not exist", () => {
    expect(codeOf(() => roleLog([], { CONTRAST_LOG_LEVEL: "loud" }))).toBe("terminal/invalid-log-level");
  });

  test.each([
    ["", ["warn validator"]],
    ["kds-getter", ["warn validator"]],
    ["kds-getter, validator", ["info validator", "warn validator"]],
    ["*", ["info validator", "warn validator"]],
  ])("lets subsystems speak that %p names", (chosen, expected) => {
    const { subsystem, told } = roleLog([], { CONTRAST_LOG_SUBSYSTEMS: chosen });
    const log = subsystem("validator");
    log.info("info");
    log.warn("warn");
    expect(told.map((line) => line.replace(/^.*msg=(\w+) subsystem=(\w+)$/, "$1 $2"))).toEqual(expected);
  });

  test("names the group in each line", () => {
    const { group, told } = roleLog([], {});
    group("meshapi").info("x", { a: 1 });
    expect(told[0]).toEndWith("level=INFO msg=x group=meshapi a=1");
  });
});
