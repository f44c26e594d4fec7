import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AcpiFiles, acpiEvents } from "../../../src/measure/tdx/acpi-events.ts";
import { readAcpiFiles } from "../../../src/measure/tdx/read-acpi-files.ts";
import { sha384Of } from "../../../src/measure/tdx/sha384-of.ts";
import { loaderOf } from "../../fakes/acpi-loader.ts";
import { codeOf, codeOfAsync } from "../../fakes/error-code.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const RSDP = Uint8Array.of(1);
const TABLES = Uint8Array.of(2, 3);
const LOADER = loaderOf(
  [0, ""],
  [1, "etc/acpi/rsdp"],
  [1, "etc/acpi/tables"],
  [2, "etc/acpi/rsdp"],
  [3, "etc/acpi/tables"],
  [4, "etc/acpi/tables"],
);

function files(loader: Uint8Array): AcpiFiles {
  return {
    loader,
    files: new Map([
      ["etc/acpi/rsdp", RSDP],
      ["etc/acpi/tables", TABLES],
    ]),
  };
}

describe("acpiEvents()", () => {
  test("measures the commands, then the files in the order in which they are loaded", () => {
    expect(acpiEvents(files(LOADER)).map(({ digest }) => digest)).toEqual([
      sha384Of(LOADER),
      sha384Of(RSDP),
      sha384Of(TABLES),
    ]);
  });

  test("refuses commands that load a file that is missing", () => {
    expect(codeOf(() => acpiEvents(files(loaderOf([1, "etc/vmgenid_guid"]))))).toBe("measure/acpi-file-missing");
  });

  test.each<[string, Uint8Array]>([
    ["no commands", new Uint8Array()],
    ["a part of a command", LOADER.subarray(0, -1)],
    ["too many commands", new Uint8Array(128 * 1025)],
    ["an unknown command", loaderOf([7, "etc/acpi/rsdp"])],
    ["a file without a name", loaderOf([1, ""])],
    ["a name without an end", loaderOf([1, "x".repeat(56)])],
    ["a name with a space", loaderOf([1, "etc/a b"])],
    ["a name that leaves the directory", loaderOf([1, "etc/.."])],
    ["a file twice", loaderOf([1, "etc/acpi/rsdp"], [1, "etc/acpi/rsdp"])],
  ])("refuses %s", (_, loader) => {
    expect(codeOf(() => acpiEvents(files(loader)))).toBe("measure/acpi-loader-invalid");
  });
});

describe("readAcpiFiles()", () => {
  test("reads the files that the commands name, by their last name", async () => {
    const directory = join(temporaryDirectory(), "acpi");
    mkdirSync(directory);
    expect(await codeOfAsync(() => readAcpiFiles(directory))).toBe("lib/file-unreadable");
    writeFileSync(join(directory, "table-loader"), LOADER);
    writeFileSync(join(directory, "rsdp"), RSDP);
    const read = await readAcpiFiles(directory);
    expect([...read.files.keys()]).toEqual(["etc/acpi/rsdp"]);
    expect(codeOf(() => acpiEvents(read))).toBe("measure/acpi-file-missing");
  });
});
