import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadProfile, profileText } from "../../../src/policy/settings/profiles.ts";
import { readSettings } from "../../../src/policy/settings/read-settings.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

/** A directory with the shipped settings and the given drop-ins. */
async function settingsDirectory(dropIns: Record<string, string>): Promise<string> {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "genpolicy-settings.json"), await profileText("metal"));
  mkdirSync(join(directory, "genpolicy-settings.d"));
  for (const [name, text] of Object.entries(dropIns))
    writeFileSync(join(directory, "genpolicy-settings.d", name), text);
  return directory;
}

describe("readSettings()", () => {
  test("reads a file", async () => {
    const file = join(temporaryDirectory(), "settings.json");
    writeFileSync(file, await profileText("metal"));
    expect(await readSettings(file)).toEqual(await loadProfile("metal"));
  });
  test("fills what only Contrast has from the profile", async () => {
    const file = join(temporaryDirectory(), "settings.json");
    const text = await profileText("upstream");
    writeFileSync(file, text.replace(/"image_verification": "none",/, ""));
    expect((await readSettings(file, "metal")).common.image_verification).toBe("guest-pull");
    expect(await codeOfAsync(() => readSettings(file))).toBe("policy/settings-invalid");
  });
  test("applies drop-ins in the order of their names", async () => {
    const replace = (value: string) => JSON.stringify([{ op: "replace", path: "/kata_config/oci_version", value }]);
    const directory = await settingsDirectory({
      "20-b.json": replace("1.3.0"),
      "10-a.json": replace("1.2.0"),
      "99.txt": "{",
    });
    expect((await readSettings(directory)).kata_config.oci_version).toBe("1.3.0");
  });
  test("reads a directory without drop-ins", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "genpolicy-settings.json"), await profileText("aks"));
    expect(await readSettings(directory)).toEqual(await loadProfile("aks"));
  });
  test.each([
    ["no patch", '{"op":"add"}'],
    ["an unknown operation", '[{"op":"merge","path":"/common","value":{}}]'],
    ["a path that does not exist", '[{"op":"remove","path":"/common/none"}]'],
  ])("refuses a drop-in with %s", async (_, text) => {
    const directory = await settingsDirectory({ "10.json": text });
    expect(await codeOfAsync(() => readSettings(directory))).toBe("policy/settings-drop-in");
  });
  test("checks the result of the drop-ins", async () => {
    const directory = await settingsDirectory({ "10.json": '[{"op":"remove","path":"/common/cpath"}]' });
    expect(await codeOfAsync(() => readSettings(directory))).toBe("policy/settings-invalid");
  });
  test("refuses a file that does not exist", async () => {
    expect(await codeOfAsync(() => readSettings(join(temporaryDirectory(), "none.json")))).toBe("lib/file-unreadable");
  });
});
