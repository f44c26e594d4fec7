import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "../../src/lib/digest.ts";
import { fileDigest, sha256OfFile } from "../../src/lib/file-digest.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

describe("fileDigest()", () => {
  const directory = temporaryDirectory();

  test.each([0, 1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 3_000_000])("hashes %d bytes", async (length) => {
    const bytes = new Uint8Array(length).map((_, index) => index % 251);
    const path = join(directory, `f${length}`);
    writeFileSync(path, bytes);
    expect(await fileDigest(path)).toBe(sha256Hex(bytes));
  });

  test("gives null for what cannot be read", async () => {
    expect(await fileDigest(join(directory, "none"))).toBeNull();
    expect(await fileDigest(directory)).toBeNull();
  });
});

describe("sha256OfFile()", () => {
  const directory = temporaryDirectory();

  test("hashes a file", async () => {
    const path = join(directory, "file");
    writeFileSync(path, "content");
    expect((await sha256OfFile(path, "kernel", 7)).toHex()).toBe(sha256Hex("content"));
  });

  test("refuses what cannot be read", async () => {
    expect(await codeOfAsync(() => sha256OfFile(join(directory, "none"), "kernel", 7))).toBe("lib/file-unreadable");
    expect(await codeOfAsync(() => sha256OfFile(directory, "kernel", 7))).toBe("lib/file-unreadable");
  });

  test("refuses a longer file, and a device without end", async () => {
    const path = join(directory, "long");
    writeFileSync(path, "12345678");
    expect(await codeOfAsync(() => sha256OfFile(path, "kernel", 7))).toBe("lib/file-too-large");
    expect(await codeOfAsync(() => sha256OfFile("/dev/zero", "kernel", 1e7))).toBe("lib/file-too-large");
  });
});
