import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBytes, readText } from "../../src/lib/files.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

describe("readText()", () => {
  const directory = temporaryDirectory();

  test("reads UTF-8 and keeps a byte-order mark", async () => {
    const path = join(directory, "good.txt");
    writeFileSync(path, "\uFEFFgrüße");
    expect(await readText(path, "note")).toBe("\uFEFFgrüße");
  });

  test("rejects bytes that are not UTF-8", async () => {
    const path = join(directory, "latin1.txt");
    writeFileSync(path, Uint8Array.of(0x67, 0xfc));
    expect(await codeOfAsync(() => readText(path, "note"))).toBe("lib/text-not-utf8");
  });

  test("rejects a missing file and a directory", async () => {
    expect(await codeOfAsync(() => readText(join(directory, "none"), "note"))).toBe("lib/file-unreadable");
    expect(await codeOfAsync(() => readText(directory, "note"))).toBe("lib/file-unreadable");
  });

  test("rejects a file beyond the limit, and only beyond it", async () => {
    const path = join(directory, "large.txt");
    writeFileSync(path, "12345678");
    expect(await codeOfAsync(() => readBytes(path, "note", 7))).toBe("lib/file-too-large");
    expect(await readBytes(path, "note", 8)).toHaveLength(8);
  });
});
