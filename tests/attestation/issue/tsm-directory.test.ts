import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoNameOf } from "../../../src/attestation/issue/kernel-error.ts";
import { kernelTsmDirectory } from "../../../src/attestation/issue/tsm-directory.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

/** What the file system says about a call. */
async function errnoOf(call: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await call();
    return "no error";
  } catch (error) {
    return errnoNameOf(error);
  }
}

describe("kernelTsmDirectory()", () => {
  test("makes and removes entries", async () => {
    const path = temporaryDirectory();
    const tsm = kernelTsmDirectory(path);
    await tsm.makeEntry("one");
    expect(existsSync(join(path, "one"))).toBe(true);
    expect(await errnoOf(() => tsm.makeEntry("one"))).toBe("EEXIST");
    await tsm.removeEntry("one");
    expect(existsSync(join(path, "one"))).toBe(false);
    expect(await errnoOf(() => tsm.removeEntry("one"))).toBe("ENOENT");
  });

  test("says ENOENT where there is no such directory, entry or attribute", async () => {
    const tsm = kernelTsmDirectory(join(temporaryDirectory(), "absent"));
    expect(await errnoOf(() => tsm.makeEntry("one"))).toBe("ENOENT");
    expect(await errnoOf(() => tsm.read("one", "outblob", 10))).toBe("ENOENT");
    expect(await errnoOf(() => tsm.write("one", "inblob", new Uint8Array(64)))).toBe("ENOENT");
  });

  test("writes to attributes that are there, and reads them to their end, whatever their size says", async () => {
    const path = temporaryDirectory();
    const tsm = kernelTsmDirectory(path);
    mkdirSync(join(path, "one"));
    writeFileSync(join(path, "one", "inblob"), "");
    const data = Uint8Array.from({ length: 64 }, (_, index) => index);
    await tsm.write("one", "inblob", data);
    expect(new Uint8Array(readFileSync(join(path, "one", "inblob")))).toEqual(data);
    const blob = Uint8Array.from({ length: 20_000 }, (_, index) => index % 251);
    writeFileSync(join(path, "one", "outblob"), blob);
    expect(await tsm.read("one", "outblob", 20_000)).toEqual(blob);
    // The size of files of the kernel is 0 or a page.
    const system = kernelTsmDirectory("/proc");
    expect(new TextDecoder().decode(await system.read("self", "../version" as "outblob", 4096))).toContain("Linux");
  });

  test("reads no more than it was told to expect: issuer/report-malformed", async () => {
    const path = temporaryDirectory();
    const tsm = kernelTsmDirectory(path);
    mkdirSync(join(path, "one"));
    writeFileSync(join(path, "one", "outblob"), new Uint8Array(20_001));
    expect(await codeOfAsync(() => tsm.read("one", "outblob", 20_000))).toBe("issuer/report-malformed");
    const endless = kernelTsmDirectory("/dev");
    expect(await codeOfAsync(() => endless.read(".", "zero" as "outblob", 20_000))).toBe("issuer/report-malformed");
  });

  test("refuses a request that the kernel takes only a part of: issuer/request-refused", async () => {
    const tsm = kernelTsmDirectory("/proc");
    // Of this file of its own the kernel takes 12 bytes of any number, here the value that it has.
    const padded = new TextEncoder().encode(readFileSync("/proc/self/oom_score_adj", "latin1").trim().padEnd(64));
    expect(await codeOfAsync(() => tsm.write("self", "oom_score_adj" as "inblob", padded))).toBe(
      "issuer/request-refused",
    );
    expect(await errnoOf(() => tsm.write("self", "oom_score_adj" as "inblob", padded.subarray(0, 12)))).toBe(
      "no error",
    );
  });
});
