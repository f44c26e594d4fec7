import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PROGRAM } from "../../src/cli/root-definition.ts";
import { ERROR_CODES, isErrorCode } from "../../src/lib/error-codes.ts";
import { checkCall } from "../../src/terminal/check-call.ts";
import { findCommand, flagsOf } from "../../src/terminal/find-command.ts";
import { parseFlags } from "../../src/terminal/flag-grammar.ts";
import { createParsedFlags } from "../../src/terminal/parsed-flags.ts";
import { shellWords } from "../fakes/shell-words.ts";

const ROOT = join(import.meta.dir, "../..");
/** Pages that people write; those in docs/reference and docs/man are made from the program. */
const PAGES = ["README.md", "SECURITY.md", ...new Bun.Glob("docs/*.md").scanSync({ cwd: ROOT })].toSorted();
const ROOMS = new Set(Object.keys(ERROR_CODES).map((code) => code.split("/")[0]));

const textOf = (page: string): string => readFileSync(join(ROOT, page), "utf8");

/** Commands in blocks of code, as they would be typed; those with words left out are not whole. */
function commandsIn(page: string): readonly string[] {
  const lines = textOf(page)
    .replaceAll(/\\\n\s*/g, "")
    .split("\n");
  let isBlock = false;
  const commands: string[] = [];
  for (const line of lines) {
    if (line.startsWith("```")) isBlock = !isBlock;
    const [, command] = /^\$? ?contrast ([a-z].*)$/.exec(line) ?? [];
    if (isBlock && command !== undefined && !/ (?:\.\.\.|…)/.test(command)) commands.push(command);
  }
  return commands;
}

/** Commands in running text, where names of files may be left out. */
function mentionsIn(page: string): readonly string[] {
  return [...textOf(page).matchAll(/`contrast ([a-z][^`]*)`/g)].map(([, command]) => command!.replaceAll(/\s+/g, " "));
}

describe.each(PAGES)("%s", (page) => {
  test("has commands in its blocks that the program takes", async () => {
    for (const text of commandsIn(page)) {
      const words = shellWords(text).filter((word) => word !== "$TRUST");
      const { path, command, args } = await findCommand(PROGRAM, words);
      const flags = flagsOf(PROGRAM, command);
      const { values, positionals } = parseFlags(flags, args);
      // What TRUST stands for has the address beside it; other required flags must be there.
      expect(() => checkCall(path, command, createParsedFlags(flags, values, ""), positionals), text).not.toThrow();
    }
  });

  test("mentions commands and flags that exist", async () => {
    for (const text of mentionsIn(page)) {
      // Of alternatives such as bash|zsh the first will do.
      const { command, args } = await findCommand(PROGRAM, shellWords(text.split("|")[0] ?? ""));
      const names = new Set(flagsOf(PROGRAM, command).flatMap(({ name, short }) => [name, short ?? name]));
      const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
      const flags = own.filter((word) => word.startsWith("-"));
      for (const flag of flags) expect(names, text).toContain(flag.replace(/^--?/, "").split("=")[0]!);
    }
  });

  test("names error codes that exist", () => {
    const named = [...textOf(page).matchAll(/(?:`|contrast help )([a-z]+\/[a-z0-9-]+)(?=[`\s])/g)].map(
      ([, code]) => code!,
    );
    const codes = named.filter((name) => ROOMS.has(name.split("/")[0]!) && !existsSync(join(ROOT, "src", name)));
    expect(codes.filter((code) => !isErrorCode(code))).toEqual([]);
  });

  test("has links to files that exist", () => {
    const links = [...textOf(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
    expect(links.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
  });
});

describe("docs/README.md", () => {
  test("leads to every page", () => {
    const reached = new Set<string>();
    const queue = ["docs/README.md"];
    for (const page of queue) {
      if (reached.has(page)) continue;
      reached.add(page);
      const links = [...textOf(page).matchAll(/\]\(([^)#:]+\.md)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
      // The index and its pages count, not what the README of the project adds.
      queue.push(...links.map((target) => join(dirname(page), target)).filter((target) => target.startsWith("docs/")));
    }
    const pages = [...new Bun.Glob("docs/**/*.md").scanSync({ cwd: ROOT })];
    expect(pages.filter((page) => !reached.has(page))).toEqual([]);
  });
});
