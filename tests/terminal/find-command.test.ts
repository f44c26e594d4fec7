import { describe, expect, test } from "bun:test";
import type { DeferredCommand } from "../../src/terminal/command-definition.ts";
import { commandName, findCommand } from "../../src/terminal/find-command.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { SAMPLE } from "./sample-program.ts";

async function find(...args: readonly string[]): Promise<unknown> {
  const found = await findCommand(SAMPLE, args);
  return [commandName(found.path), ...found.args];
}

describe("findCommand()", () => {
  test.each([
    [[], ["tool"]],
    [
      ["make", "x"],
      ["tool make", "x"],
    ],
    [
      ["--log-level", "debug", "make", "x"],
      ["tool make", "--log-level", "debug", "x"],
    ],
    [
      ["--log-level=debug", "make"],
      ["tool make", "--log-level=debug"],
    ],
    [
      ["-h", "make"],
      ["tool make", "-h"],
    ],
    [
      ["group", "-h", "inner", "-h"],
      ["tool group inner", "-h", "-h"],
    ],
    [["--version"], ["tool", "--version"]],
    [
      ["--unknown", "make"],
      ["tool", "--unknown", "make"],
    ],
    [
      ["--", "make"],
      ["tool", "--", "make"],
    ],
    [
      ["__raw", "make", "-x", ""],
      ["tool __raw", "make", "-x", ""],
    ],
  ])("of %j is %j", async (args, expected) => {
    expect(await find(...args)).toEqual(expected);
  });

  test.each([[["mak"]], [["Make"]], [["group", "make"]], [["-"]], [["-h", "mak"]]])("rejects %j", async (args) => {
    expect(await codeOfAsync(async () => await find(...args))).toBe("terminal/unknown-command");
  });

  test("names the command under which nothing was found", async () => {
    const error = await find("group", "x").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: 'unknown command "x" for "tool group"' });
  });

  test("defines the commands on the way and no others", async () => {
    const defined: string[] = [];
    const deferred = (name: string, subcommands?: readonly DeferredCommand[]): DeferredCommand => ({
      name,
      summary: name,
      define: async () => {
        defined.push(name);
        return { name, summary: name, ...(subcommands === undefined ? {} : { subcommands }) };
      },
    });
    const subcommands = [deferred("make"), deferred("group", [deferred("inner"), deferred("outer")])];
    const program = { ...SAMPLE, root: { ...SAMPLE.root, subcommands } };
    const wanted: readonly (readonly [readonly string[], readonly string[]])[] = [
      [["--version"], []],
      [["--help"], []],
      [["mak"], []],
      [["group", "-h"], ["group"]],
      [
        ["group", "inner"],
        ["group", "inner"],
      ],
    ];
    for (const [args, names] of wanted) {
      defined.length = 0;
      await findCommand(program, args).catch(() => {});
      expect(defined, args.join(" ")).toEqual([...names]);
    }
  });
});
