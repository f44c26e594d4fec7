import { basename, join } from "node:path";
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
  for (const path of loadedFiles(loader)) {
    const place = join(directory, basename(path));
    if (await exists(place)) files.set(path, await readBytes(place, "ACPI file", MAX_ACPI_BYTES));
  }
  return { loader, files };
}
