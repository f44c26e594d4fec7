import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { memoryLimit } from "../../src/lib/memory-limit.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

describe("memoryLimit()", () => {
  const file = (text: string): string => {
    const path = join(temporaryDirectory(), "memory.max");
    writeFileSync(path, text);
    return path;
  };

  test("is the least of the limits of the container and the memory of the machine", async () => {
    expect(await memoryLimit([file("104857600\n"), file("204857600\n")])).toBe(104_857_600);
    expect(await memoryLimit([file("9223372036854771712\n")])).toBe(totalmem());
  });

  test("takes nothing from files without a number", async () => {
    expect(await memoryLimit([file("max\n"), file("-1"), file(""), "/nowhere"])).toBe(totalmem());
  });
});
