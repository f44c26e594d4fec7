import { describe, expect, test } from "bun:test";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { sha256Hex } from "../../src/lib/digest.ts";
import type { PlannedFile } from "../../src/lib/file-writer.ts";
import { Transaction } from "../../src/lib/transaction.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

async function writeTogether(files: readonly PlannedFile[]): Promise<void> {
  const transaction = new Transaction();
  try {
    for (const file of files) await transaction.stage(file);
    await transaction.commit();
  } finally {
    await transaction.discard();
  }
}

describe("Transaction", () => {
  test("replaces files and keeps their modes", async () => {
    const directory = temporaryDirectory();
    const old = join(directory, "old.yaml");
    writeFileSync(old, "before");
    chmodSync(old, 0o640);
    await writeTogether([
      { path: old, content: ["af", "ter"] },
      { path: join(directory, "new.key"), content: "secret", mode: 0o600 },
    ]);
    expect(readFileSync(old, "utf8")).toBe("after");
    expect(statSync(old).mode & 0o777).toBe(0o640);
    expect(statSync(join(directory, "new.key")).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).toSorted()).toEqual(["new.key", "old.yaml"]);
  });

  test("writes nothing when one file cannot be staged", async () => {
    const directory = temporaryDirectory();
    const first = join(directory, "first.yaml");
    writeFileSync(first, "before");
    const call = () =>
      writeTogether([
        { path: first, content: "after" },
        { path: join(directory, "missing", "second.yaml"), content: "after" },
      ]);
    expect(await codeOfAsync(call)).toBe("lib/file-unwritable");
    expect(readFileSync(first, "utf8")).toBe("before");
    expect(readdirSync(directory)).toEqual(["first.yaml"]);
  });

  test("makes a directory with its parents, and takes it away when nothing comes into it", async () => {
    const directory = temporaryDirectory();
    const made = join(directory, "new", "deep");
    const transaction = new Transaction();
    await transaction.makeDirectory(made);
    await transaction.stage({ path: join(made, "file"), content: "" });
    await transaction.discard();
    expect(readdirSync(directory)).toEqual([]);
    await transaction.makeDirectory(made);
    await transaction.makeDirectory(directory);
    await writeTogether([{ path: join(made, "file"), content: "" }]);
    await transaction.discard();
    expect(readdirSync(made)).toEqual(["file"]);
    expect(statSync(made).mode & 0o777).toBe(0o755);
  });

  test("says so when a directory cannot be made", async () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "");
    expect(await codeOfAsync(() => new Transaction().makeDirectory(join(file, "inside")))).toBe("lib/file-unwritable");
  });

  test.if(process.platform === "linux")("replaces no device, pipe or directory", async () => {
    const directory = temporaryDirectory();
    // A device of its own where that is allowed: a defect must not replace one of this computer.
    const device = join(temporaryDirectory(), "null");
    const hasDevice = spawnSync("mknod", [device, "c", "1", "3"], { stdio: "ignore" }).status === 0;
    if (hasDevice) symlinkSync(device, join(directory, "device"));
    execFileSync("mkfifo", [join(directory, "pipe")]);
    mkdirSync(join(directory, "directory"));
    const before = readdirSync(directory).toSorted();
    for (const name of before) {
      const call = () => writeTogether([{ path: join(directory, name), content: "" }]);
      expect(await codeOfAsync(call)).toBe("lib/file-unwritable");
    }
    expect(readdirSync(directory).toSorted()).toEqual(before);
    if (hasDevice) expect(statSync(device).isCharacterDevice()).toBe(true);
  });

  test.if(process.getuid?.() === 0)("keeps the owner of a file", async () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "before");
    chownSync(file, 1234, 2345);
    chmodSync(file, 0o604);
    await writeTogether([{ path: file, content: "after" }]);
    const { uid, gid, mode } = statSync(file);
    expect([uid, gid, mode & 0o7777]).toEqual([1234, 2345, 0o604]);
  });

  test("refuses two contents for one file, also by two names", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "file"), "before");
    symlinkSync("file", join(directory, "link"));
    for (const second of ["file", "link"]) {
      const files = ["file", second].map((name) => ({ path: join(directory, name), content: "after" }));
      expect(await codeOfAsync(() => writeTogether(files))).toBe("lib/file-unwritable");
      expect(readFileSync(join(directory, "file"), "utf8")).toBe("before");
      expect(readdirSync(directory).toSorted()).toEqual(["file", "link"]);
    }
  });

  test("makes new files before it replaces any", async () => {
    const directory = temporaryDirectory();
    const [replaced, key] = [join(directory, "manifest.json"), join(directory, "key.pem")];
    const transaction = new Transaction();
    await transaction.stage({ path: replaced, content: "" });
    await transaction.stage({ path: key, content: "", ifExists: "fail" });
    writeFileSync(key, "of another run");
    // With its temporary file gone, the first file could not be replaced either.
    for (const name of readdirSync(directory)) if (name.startsWith(".manifest")) rmSync(join(directory, name));
    const error: unknown = await transaction.commit().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "lib/file-unwritable",
      hint: expect.stringContaining("run the command again"),
      details: { path: key },
    });
    await transaction.discard();
    expect(readdirSync(directory)).toEqual(["key.pem"]);
  });

  test("writes nothing when the content of a later file fails half way", async () => {
    const directory = temporaryDirectory();
    const first = join(directory, "first.yaml");
    writeFileSync(first, "before");
    const failing = function* (): Generator<string> {
      yield "some";
      throw new Error("no space left on device");
    };
    const call = () =>
      writeTogether([
        { path: first, content: "after" },
        { path: join(directory, "second.yaml"), content: failing() },
      ]);
    expect(await codeOfAsync(call)).toBe("lib/file-unwritable");
    expect(readFileSync(first, "utf8")).toBe("before");
    expect(readdirSync(directory)).toEqual(["first.yaml"]);
  });

  test("puts earlier files back when a later one cannot be renamed", async () => {
    const directory = temporaryDirectory();
    const first = join(directory, "first.yaml");
    const blocked = join(directory, "blocked");
    writeFileSync(first, "before");
    mkdirSync(join(blocked, "occupied"), { recursive: true });
    const call = () =>
      writeTogether([
        { path: first, content: "after" },
        { path: join(directory, "created"), content: "after" },
        { path: blocked, content: "a file cannot replace a directory" },
      ]);
    expect(await codeOfAsync(call)).toBe("lib/file-unwritable");
    expect(readFileSync(first, "utf8")).toBe("before");
    expect(readdirSync(directory).toSorted()).toEqual(["blocked", "first.yaml"]);
  });

  test("leaves an existing file alone where it is to be kept", async () => {
    const directory = temporaryDirectory();
    const rules = join(directory, "rules.rego");
    writeFileSync(rules, "");
    await writeTogether([{ path: rules, content: "new", ifExists: "keep" }]);
    expect(readFileSync(rules, "utf8")).toBe("");
  });

  test("writes nothing when a file exists that must not", async () => {
    const directory = temporaryDirectory();
    const key = join(directory, "owner.pem");
    const manifest = join(directory, "manifest.json");
    writeFileSync(key, "old key");
    writeFileSync(manifest, "old");
    const call = () =>
      writeTogether([
        { path: manifest, content: "new" },
        { path: key, content: "new key", mode: 0o600, ifExists: "fail" },
      ]);
    expect(await codeOfAsync(call)).toBe("lib/file-unwritable");
    expect(readFileSync(key, "utf8")).toBe("old key");
    expect(readFileSync(manifest, "utf8")).toBe("old");
  });

  test("knows the digests of what it writes", async () => {
    const path = join(temporaryDirectory(), "file");
    const transaction = new Transaction();
    await transaction.stage({ path, content: ["grü", new Uint8Array([195, 159]), "e"] });
    expect([...transaction.digests]).toEqual([[path, sha256Hex("grüße")]]);
    await transaction.unstage();
    expect(transaction.digests.size).toBe(0);
  });

  test("forgets the last file when it is unstaged", async () => {
    const directory = temporaryDirectory();
    const transaction = new Transaction();
    await transaction.stage({ path: join(directory, "first"), content: "1" });
    await transaction.stage({ path: join(directory, "second"), content: "2" });
    await transaction.unstage();
    expect(transaction.paths).toEqual([join(directory, "first")]);
    await transaction.commit();
    expect(readdirSync(directory)).toEqual(["first"]);
  });

  test("replaces the file behind a symbolic link", async () => {
    const directory = temporaryDirectory();
    const real = join(directory, "real.yaml");
    writeFileSync(real, "before");
    symlinkSync(real, join(directory, "link.yaml"));
    await writeTogether([{ path: join(directory, "link.yaml"), content: "after" }]);
    expect(readFileSync(real, "utf8")).toBe("after");
    expect(readFileSync(join(directory, "link.yaml"), "utf8")).toBe("after");
  });
});
