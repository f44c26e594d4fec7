import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { collectBytes } from "../../src/lib/byte-stream.ts";
import { fileSize, readFileRange } from "../../src/lib/file-range.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const directory = temporaryDirectory();
const path = join(directory, "file");
writeFileSync(path, "0123456789");

async function read(from: string, offset: number, sizeBytes: number): Promise<string> {
  return new TextDecoder().decode(await collectBytes(readFileRange(from, offset, sizeBytes), 100, () => new Error()));
}

describe("readFileRange()", () => {
  test("reads a part, nothing, and what there is", async () => {
    expect([await read(path, 2, 3), await read(path, 2, 0), await read(path, 8, 50)]).toEqual(["234", "", "89"]);
  });

  test("rejects what is no file", async () => {
    expect(await codeOfAsync(() => read(join(directory, "absent"), 0, 1))).toBe("lib/file-unreadable");
    expect(await codeOfAsync(() => read(directory, 0, 1))).toBe("lib/file-unreadable");
  });
});

describe("fileSize()", () => {
  test("knows regular files only", async () => {
    expect([await fileSize(path), await fileSize(directory), await fileSize(join(directory, "absent"))]).toEqual([
      10,
      undefined,
      undefined,
    ]);
    expect(await fileSize(join(path, "below"))).toBeUndefined();
  });

  test("rejects a path that cannot be looked at", async () => {
    expect(await codeOfAsync(() => fileSize("x".repeat(5000)))).toBe("lib/file-unreadable");
  });
});
