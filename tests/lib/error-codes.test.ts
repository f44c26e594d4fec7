import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES } from "../../src/lib/error-codes.ts";

const ROOT = join(import.meta.dir, "..", "..");
const CODES = Object.keys(ERROR_CODES);

/** The text of every source file of a folder, without the table itself. */
function sourcesOf(folder: string): string {
  const files = [...new Bun.Glob(`${folder}/**/*.ts`).scanSync({ cwd: ROOT })];
  return files
    .filter((file) => !file.endsWith("error-codes.ts") && !file.endsWith("error-codes.test.ts"))
    .map((file) => readFileSync(join(ROOT, file), "utf8"))
    .join("\n");
}

/** Codes that stand between quotation marks somewhere in the text. */
function quotedIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/["'`]([a-z0-9]+\/[a-z0-9-]+)["'`]/g)].map((match) => match[1] ?? ""));
}

/** Codes that stand as words of their own, because tests also compare a code together with a place. */
function namedIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/(?<=["'`\s])([a-z0-9]+\/[a-z0-9-]+)(?=["'`\s])/g)].map((match) => match[1] ?? ""));
}

describe("ERROR_CODES", () => {
  test("names each code by a room and what went wrong", () => {
    expect(CODES.filter((code) => !/^[a-z]+\/[a-z0-9]+(-[a-z0-9]+)*$/.test(code))).toEqual([]);
  });

  test("has no code that nothing throws", () => {
    const used = quotedIn(sourcesOf("src"));
    expect(CODES.filter((code) => !used.has(code))).toEqual([]);
  });

  test("has no code that no test provokes", () => {
    const provoked = namedIn(sourcesOf("tests"));
    expect(CODES.filter((code) => !provoked.has(code))).toEqual([]);
  });
});
