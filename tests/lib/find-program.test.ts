import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../src/lib/find-program.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

/** A directory with a file `tool` of the given mode. */
function place(mode: number): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "tool"), "");
  chmodSync(join(directory, "tool"), mode);
  return directory;
}

describe("findProgram()", () => {
  test("takes the first file on the path that may be run", async () => {
    const [data, first, second] = [place(0o644), place(0o755), place(0o755)];
    expect(await findProgram("tool", `/no/such::${data}:${first}:${second}`)).toBe(join(first ?? "", "tool"));
    expect(await findProgram("tool", data ?? "")).toBeUndefined();
    expect(await findProgram("tool", "")).toBeUndefined();
  });

  test("takes a name with a slash as a path", async () => {
    const path = join(place(0o755), "tool");
    expect(await findProgram(path, "")).toBe(path);
  });

  test("does not take a directory", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "tool"));
    expect(await findProgram("tool", directory)).toBeUndefined();
  });
});
