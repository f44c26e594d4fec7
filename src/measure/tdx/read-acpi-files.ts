import { basename, join } from "node:path";
import { ContrastError } from "../../lib/errors.ts";
import { exists, readBytes } from "../../lib/files.ts";
import { type AcpiFiles, loadedFiles } from "./acpi-events.ts";

/** QEMU's tables are some 200 KiB. */
const MAX_ACPI_BYTES = 16 * 1024 * 1024;

/**
 * Reads `table-loader` and the files that it names from a directory where each lies under its last name.
 *
 * @throws ContrastError `lib/file-unreadable`, `lib/file-too-large`, `measure/acpi-loader-invalid`
 */
export async function readAcpiFiles(directory: string): Promise<AcpiFiles> {
  const loader = await readBytes(join(directory, "table-loader"), "ACPI loader commands", MAX_ACPI_BYTES);
  const files = new Map<string, Uint8Array>();
  const names = new Set(["table-loader"]);
  for (const path of loadedFiles(loader)) {
    const name = basename(path);
    if (names.has(name)) {
      throw new ContrastError(
        "measure/acpi-loader-invalid",
        `Cannot read ACPI files: two of them are called "${name}"`,
        {
          hint: "Only files with different last names fit into one directory; no guest of QEMU has others.",
        },
      );
    }
    names.add(name);
    const place = join(directory, name);
    if (await exists(place)) files.set(path, await readBytes(place, "ACPI file", MAX_ACPI_BYTES));
  }
  return { loader, files };
}
