import { describe, expect, test } from "bun:test";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isWritableDirectory, readBytes, readText, stageFile } from "../../src/lib/files.ts";
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

  test.if(existsSync("/dev/zero"))("keeps to its limit where nothing says how much there is", async () => {
    const limit = 300_000;
    expect(await codeOfAsync(() => readBytes("/dev/zero", "note", limit))).toBe("lib/file-too-large");
    expect(await readBytes("/dev/null", "note", limit)).toHaveLength(0);
    const path = join(directory, "pipe");
    execFileSync("mkfifo", [path]);
    const feed = async (bytes: number): Promise<Uint8Array> => {
      spawn("sh", ["-c", 'head -c "$0" /dev/zero > "$1"', String(bytes), path], { stdio: "ignore" });
      return await readBytes(path, "note", limit);
    };
    expect(await feed(limit)).toHaveLength(limit);
    expect(await codeOfAsync(() => feed(limit + 1))).toBe("lib/file-too-large");
  });
});

describe("isWritableDirectory()", () => {
  test("looks at the directory, or at the one that it is to be made in", async () => {
    const directory = temporaryDirectory();
    expect(await isWritableDirectory(directory)).toBe(true);
    expect(await isWritableDirectory(join(directory, "history"))).toBe(true);
    expect(await isWritableDirectory(join(directory, "nothing", "history"))).toBe(false);
  });
});

describe("stageFile()", () => {
  test("lets go of the content of files that wait for their commit", async () => {
    const directory = temporaryDirectory();
    const contents: WeakRef<object>[] = [];
    const stage = async (name: string) => {
      const content = ["some ", "text"];
      contents.push(new WeakRef(content));
      return await stageFile(join(directory, name), content);
    };
    const staged = await Promise.all(Array.from({ length: 20 }, (_, index) => stage(`file-${index}`)));
    await new Promise((resolve) => setImmediate(resolve));
    Bun.gc(true);
    // The collector may see a few of them on the stack.
    expect(contents.filter((content) => content.deref() !== undefined).length).toBeLessThan(10);
    for (const file of staged) await file.commit();
    expect(readFileSync(join(directory, "file-19"), "utf8")).toBe("some text");
  });
});
