import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import {
  checkIsOurs,
  deleteSandboxDirectory,
  prepareSandboxDirectory,
  sandboxDirectory,
} from "../../src/sandbox/sandbox-directory.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

describe("prepareSandboxDirectory()", () => {
  test("makes a directory that only its owner can enter, and takes it again", async () => {
    const directory = sandboxDirectory(join(temporaryDirectory(), "a", "b"));
    await prepareSandboxDirectory(directory);
    expect(statSync(directory.path).mode & 0o777).toBe(0o700);
    writeFileSync(join(directory.state, "kept"), "");
    await prepareSandboxDirectory(directory);
    expect(existsSync(join(directory.state, "kept"))).toBe(true);
  });

  test("takes an empty directory, but none with files of somebody else", async () => {
    const base = temporaryDirectory();
    await prepareSandboxDirectory(sandboxDirectory(base));
    const foreign = temporaryDirectory();
    writeFileSync(join(foreign, "thesis.tex"), "");
    expect(await codeOfAsync(() => prepareSandboxDirectory(sandboxDirectory(foreign)))).toBe(
      "sandbox/directory-foreign",
    );
    expect(readdirSync(foreign)).toEqual(["thesis.tex"]);
  });

  test("closes a directory that others could enter", async () => {
    const base = temporaryDirectory();
    chmodSync(base, 0o777);
    await prepareSandboxDirectory(sandboxDirectory(base));
    expect(statSync(base).mode & 0o777).toBe(0o700);
  });

  // Only root can give a directory away.
  test.if(userInfo().uid === 0)("takes no directory that somebody else has made, whatever is in it", async () => {
    const directory = sandboxDirectory(join(temporaryDirectory(), "sandbox"));
    await prepareSandboxDirectory(directory);
    chownSync(directory.path, 12_345, 12_345);
    for (const use of [prepareSandboxDirectory, checkIsOurs, deleteSandboxDirectory]) {
      expect(await codeOfAsync(() => use(directory))).toBe("sandbox/directory-foreign");
    }
    expect(existsSync(directory.state)).toBe(true);
  });

  test("says that it cannot be made below a file", async () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "");
    expect(await codeOfAsync(() => prepareSandboxDirectory(sandboxDirectory(join(file, "x"))))).toBe(
      "lib/file-unwritable",
    );
  });
});

describe("checkIsOurs()", () => {
  test("tells a directory that is not there from one that is no sandbox", async () => {
    const base = temporaryDirectory();
    expect(await codeOfAsync(() => checkIsOurs(sandboxDirectory(join(base, "none"))))).toBe("sandbox/not-found");
    expect(await codeOfAsync(() => checkIsOurs(sandboxDirectory(base)))).toBe("sandbox/directory-foreign");
  });
});

describe("deleteSandboxDirectory()", () => {
  test("removes a sandbox whole", async () => {
    const directory = sandboxDirectory(join(temporaryDirectory(), "sandbox"));
    await prepareSandboxDirectory(directory);
    mkdirSync(join(directory.workloads, "deployment-web", "tls-config"), { recursive: true });
    await deleteSandboxDirectory(directory);
    expect(existsSync(directory.path)).toBe(false);
  });

  test("removes nothing where something else lies, and follows no link", async () => {
    const base = temporaryDirectory();
    const directory = sandboxDirectory(join(base, "sandbox"));
    await prepareSandboxDirectory(directory);
    writeFileSync(join(directory.path, "notes.txt"), "");
    const before = readdirSync(directory.path);
    expect(await codeOfAsync(() => deleteSandboxDirectory(directory))).toBe("sandbox/directory-foreign");
    expect(readdirSync(directory.path)).toEqual(before);
    const link = join(base, "link");
    symlinkSync(directory.path, link);
    expect(await codeOfAsync(() => deleteSandboxDirectory(sandboxDirectory(link)))).toBe("sandbox/directory-foreign");
    expect(readdirSync(directory.path)).toEqual(before);
  });
});
