import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { readAcpiFiles } from "../../../src/measure/tdx/read-acpi-files.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

function directoryWith(...paths: readonly string[]): string {
  const directory = temporaryDirectory();
  const loader = new Uint8Array(128 * paths.length);
  for (const [index, path] of paths.entries()) {
    loader[128 * index] = 1;
    loader.set(new TextEncoder().encode(path), 128 * index + 4);
  }
  writeFileSync(join(directory, "table-loader"), loader);
  writeFileSync(join(directory, "tables"), "content");
  return directory;
}

describe("readAcpiFiles()", () => {
  test("finds files by their last names, and leaves missing ones out", async () => {
    const { files } = await readAcpiFiles(directoryWith("etc/acpi/tables", "etc/acpi/rsdp"));
    expect([...files.keys()]).toEqual(["etc/acpi/tables"]);
  });

  test.each([
    ["of one last name", ["etc/acpi/tables", "etc/other/tables"]],
    ["called as the commands are", ["etc/table-loader"]],
  ])("refuses files %s, of which one would count as the other", async (_, paths) => {
    expect(await codeOfAsync(() => readAcpiFiles(directoryWith(...paths)))).toBe("measure/acpi-loader-invalid");
  });
});
