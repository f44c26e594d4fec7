import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeDisk } from "../../src/lib/disk.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const BYTES = new TextEncoder().encode("content");

describe("nodeDisk", () => {
  const modeOf = (path: string): number => statSync(path).mode & 0o7777;

  test("makes files of mode 0644 in directories of mode 0755, whatever the umask", async () => {
    const path = join(temporaryDirectory(), "directory");
    const umask = process.umask(0o077);
    try {
      expect(await nodeDisk.makeDirectory(path)).toBe(true);
      await nodeDisk.createExclusive(join(path, "file"), BYTES);
    } finally {
      process.umask(umask);
    }
    expect(modeOf(path)).toBe(0o755);
    expect(modeOf(join(path, "file"))).toBe(0o644);
    expect(await nodeDisk.makeDirectory(path)).toBe(false);
    await nodeDisk.syncDirectory(path);
    expect(await nodeDisk.list(path)).toEqual(["file"]);
  });

  test("keeps a file that is there", async () => {
    const path = join(temporaryDirectory(), "file");
    await nodeDisk.createExclusive(path, BYTES);
    expect(await codeOfAsync(() => nodeDisk.createExclusive(path, new Uint8Array(1)))).toBe("lib/file-unwritable");
    expect(await nodeDisk.read(path, 100)).toEqual(BYTES);
  });

  test("links only a name that is free, and renames over one that is taken", async () => {
    const directory = temporaryDirectory();
    const [a, b, c] = ["a", "b", "c"].map((name) => join(directory, name)) as [string, string, string];
    await nodeDisk.createExclusive(a, BYTES);
    await nodeDisk.createExclusive(b, new Uint8Array(1));
    expect(await nodeDisk.link(a, b)).toBe(false);
    expect(await nodeDisk.link(a, c)).toBe(true);
    await nodeDisk.rename(a, b);
    expect(await nodeDisk.read(b, 100)).toEqual(BYTES);
    await nodeDisk.unlink(c);
    expect(readdirSync(directory)).toEqual(["b"]);
  });

  test("reads up to its limit, an empty file too", async () => {
    const path = join(temporaryDirectory(), "file");
    writeFileSync(path, BYTES);
    expect(await nodeDisk.read(path, BYTES.length)).toEqual(BYTES);
    expect(await codeOfAsync(() => nodeDisk.read(path, BYTES.length - 1))).toBe("lib/file-too-large");
    writeFileSync(path, "");
    expect(await nodeDisk.read(path, 0)).toEqual(new Uint8Array());
    truncateSync(path, 2 ** 40);
    expect(await codeOfAsync(() => nodeDisk.read(path, 1000))).toBe("lib/file-too-large");
  });

  test("tells what is not there from what cannot be read", async () => {
    const directory = temporaryDirectory();
    const missing = join(directory, "missing");
    expect(await nodeDisk.read(missing, 1)).toBeUndefined();
    expect(await nodeDisk.list(missing)).toBeUndefined();
    expect(await nodeDisk.age(missing)).toBeUndefined();
    writeFileSync(missing, "");
    expect(await codeOfAsync(() => nodeDisk.read(join(missing, "below"), 1))).toBe("lib/file-unreadable");
    expect(await codeOfAsync(() => nodeDisk.list(join(missing, "below")))).toBe("lib/file-unreadable");
  });

  test("does not take the beginning of a file for the whole", async () => {
    // The size of such a file is told as zero.
    expect(await codeOfAsync(() => nodeDisk.read("/proc/self/status", 1_000_000))).toBe("lib/file-unreadable");
  });

  test("knows the age of a file", async () => {
    const path = join(temporaryDirectory(), "file");
    writeFileSync(path, "");
    utimesSync(path, 0, 1_000_000_000);
    expect(await nodeDisk.age(path)).toBeGreaterThan(10 ** 11);
  });

  test("uses nothing but regular files and directories, and does not wait for a pipe", async () => {
    const directory = temporaryDirectory();
    const at = (name: string): string => join(directory, name);
    mkdirSync(at("directory"));
    writeFileSync(at("file"), "");
    symlinkSync("file", at("link"));
    symlinkSync("directory", at("directory-link"));
    expect(spawnSync("mkfifo", [at("pipe")]).status).toBe(0);
    for (const name of ["directory", "link", "directory-link", "pipe"]) {
      expect(await codeOfAsync(() => nodeDisk.read(at(name), 10))).toBe("lib/file-not-regular");
    }
    expect(await codeOfAsync(() => nodeDisk.read("/dev/zero", 10))).toBe("lib/file-not-regular");
    for (const name of ["file", "link", "directory-link", "pipe"]) {
      expect(await codeOfAsync(() => nodeDisk.list(at(name)))).toBe("lib/file-not-regular");
      expect(await codeOfAsync(() => nodeDisk.makeDirectory(at(name)))).toBe("lib/file-not-regular");
    }
  });

  test("says that it cannot write, and leaves nothing behind", async () => {
    const directory = temporaryDirectory();
    const missing = join(directory, "missing", "file");
    const writes: (() => Promise<unknown>)[] = [
      () => nodeDisk.createExclusive(missing, BYTES),
      () => nodeDisk.makeDirectory(missing),
      () => nodeDisk.rename(missing, join(directory, "file")),
      () => nodeDisk.link(missing, join(directory, "file")),
      () => nodeDisk.unlink(missing),
      () => nodeDisk.syncDirectory(missing),
    ];
    for (const write of writes) expect(await codeOfAsync(write)).toBe("lib/file-unwritable");
    expect(readdirSync(directory)).toEqual([]);
  });
});
