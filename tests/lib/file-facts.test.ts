import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { isNamedPipe } from "../../src/lib/file-facts.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

test("isNamedPipe() finds pipes behind links too, and no files, devices or what does not exist", async () => {
  const directory = temporaryDirectory();
  const path = (name: string): string => join(directory, name);
  execFileSync("mkfifo", [path("pipe")]);
  symlinkSync("pipe", path("link"));
  writeFileSync(path("file"), "");
  const found = await Promise.all(["pipe", "link", "file", "none"].map(async (name) => await isNamedPipe(path(name))));
  expect([...found, await isNamedPipe("/dev/zero")]).toEqual([true, true, false, false, false]);
});

test.skipIf(process.platform !== "linux")("isNamedPipe() lets pipes of a shell's process substitution pass", () => {
  const script = `import { isNamedPipe } from "${import.meta.dir}/../../src/lib/file-facts.ts"; console.log(await isNamedPipe("/dev/stdin"));`;
  const answer = execFileSync(process.execPath, ["-e", script], { input: "text", encoding: "utf8" });
  expect(answer.trim()).toBe("false");
});
