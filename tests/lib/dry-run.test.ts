import { describe, expect, test } from "bun:test";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DryRun, type FileChange } from "../../src/lib/dry-run.ts";
import { snapshotOf } from "../e2e/snapshot.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const TEXT = "one\ntwo é\nthree\n";

function files(): { readonly path: (name: string) => string; readonly dryRun: DryRun<FileChange> } {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "there"), TEXT);
  return { path: (name) => join(directory, name), dryRun: new DryRun(async (change) => change) };
}

/** The bytes of a text one by one, so that characters are cut. */
function* bytesOf(text: string): Generator<Uint8Array> {
  for (const byte of new TextEncoder().encode(text)) yield Uint8Array.of(byte);
}

describe("DryRun", () => {
  test.each([
    ["the same", TEXT, undefined],
    ["another first line", `0${TEXT}`, `0${TEXT}`],
    ["another line in between", TEXT.replace("two", "2"), TEXT.replace("two", "2")],
    ["one line less", "one\n", "one\n"],
    ["one line more", `${TEXT}four\n`, `${TEXT}four\n`],
    ["nothing", "", ""],
  ])("tells %s, in whatever pieces it comes", async (_what, content, after) => {
    for (const pieces of [content, new TextEncoder().encode(content), content.split(/(?<=\n)/), bytesOf(content)]) {
      const { path, dryRun } = files();
      await dryRun.stage({ path: path("there"), content: pieces });
      const expected = after === undefined ? [] : [{ path: path("there"), before: TEXT, after }];
      expect(dryRun.changes).toEqual(expected);
    }
  });

  test("writes nothing, and keeps nothing of secrets", async () => {
    const { path, dryRun } = files();
    const before = snapshotOf(path("."));
    await dryRun.makeDirectory();
    await dryRun.stage({ path: path("new/file"), content: "x" });
    await dryRun.stage({ path: path("key"), content: "secret", mode: 0o600, ifExists: "fail" });
    await dryRun.stage({ path: path("there"), content: "x", ifExists: "keep" });
    expect(dryRun.paths).toEqual([path("new/file"), path("key")]);
    expect(dryRun.changes.map(({ before: old, after }) => [old, after])).toEqual([
      [undefined, "x"],
      [undefined, ""],
    ]);
    expect(snapshotOf(path("."))).toEqual(before);
  });

  test("refuses two results for one file, as writing would", async () => {
    const { path, dryRun } = files();
    symlinkSync("there", path("link"));
    await dryRun.stage({ path: path("there"), content: "x" });
    expect(await codeOfAsync(() => dryRun.stage({ path: path("link"), content: "y" }))).toBe("lib/file-unwritable");
    await dryRun.unstage();
    await dryRun.stage({ path: path("link"), content: "y" });
    expect(dryRun.changes.map(({ after }) => after)).toEqual(["y"]);
  });
});
