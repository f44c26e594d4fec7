import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reserveFile } from "../../src/lib/reserved-file.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function write(path: string, content: string): Promise<string | undefined> {
  const file = await reserveFile(path, 4096, 0o600);
  await file.fill(text(content));
  return await file.commit();
}

describe("reserveFile()", () => {
  test("takes room under a temporary name before the content is known, and leaves the target alone", async () => {
    const path = join(temporaryDirectory(), "shares.json");
    writeFileSync(path, "old");
    const file = await reserveFile(path, 100_000, 0o600);
    expect(statSync(file.temporaryPath).size).toBeGreaterThanOrEqual(100_000);
    expect(statSync(file.temporaryPath).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toBe("old");
    await file.discard();
    expect(readdirSync(join(path, ".."))).toEqual(["shares.json"]);
  });

  test("holds exactly the content after commit, with its own mode", async () => {
    const path = join(temporaryDirectory(), "shares.json");
    writeFileSync(path, "older", { mode: 0o644 });
    await write(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("keeps every older content under a name of its own", async () => {
    const path = join(temporaryDirectory(), "shares.json");
    expect(await write(path, "one")).toBeUndefined();
    expect(await write(path, "two")).toBe(`${path}.bak`);
    expect(await write(path, "three")).toBe(`${path}.bak.1`);
    expect(readFileSync(`${path}.bak`, "utf8")).toBe("one");
    expect(readFileSync(`${path}.bak.1`, "utf8")).toBe("two");
    expect(readFileSync(path, "utf8")).toBe("three");
  });

  test("writes nothing over the same content", async () => {
    const path = join(temporaryDirectory(), "shares.json");
    await write(path, "same");
    expect(await write(path, "same")).toBeUndefined();
    expect(readdirSync(join(path, ".."))).toEqual(["shares.json"]);
  });

  test("replaces the file behind a symbolic link", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "real"));
    writeFileSync(join(directory, "real", "s.json"), "old");
    symlinkSync(join(directory, "real", "s.json"), join(directory, "s.json"));
    await write(join(directory, "s.json"), "new");
    expect(readFileSync(join(directory, "real", "s.json"), "utf8")).toBe("new");
    expect(readFileSync(join(directory, "real", "s.json.bak"), "utf8")).toBe("old");
  });

  test("fails before anything is asked where nothing can be written", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "shares.json"));
    expect(await codeOfAsync(() => reserveFile(join(directory, "shares.json"), 10, 0o600))).toBe("lib/file-unwritable");
    expect(await codeOfAsync(() => reserveFile(join(directory, "no", "shares.json"), 10, 0o600))).toBe(
      "lib/file-unwritable",
    );
  });

  test("keeps the content under the temporary name where the target cannot be replaced", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "shares.json");
    const file = await reserveFile(path, 10, 0o600);
    await file.fill(text("kept"));
    mkdirSync(path);
    writeFileSync(join(path, "x"), "");
    expect(await codeOfAsync(() => file.commit())).toBe("lib/file-unwritable");
    expect(readFileSync(file.temporaryPath, "utf8")).toBe("kept");
  });
});
