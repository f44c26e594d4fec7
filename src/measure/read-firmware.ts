import { ContrastError } from "../lib/errors.ts";
import { readBytes } from "../lib/files.ts";
import { type FirmwareImage, PAGE_BYTES } from "./firmware-image.ts";

/** Far above every OVMF build (2 to 16 MiB); QEMU takes 8 MiB unless it is told otherwise. */
const MAX_FIRMWARE_BYTES = 64 * 1024 * 1024;

/**
 * Reads a firmware image (OVMF in one file, or its code part without the variables).
 *
 * @throws ContrastError `lib/file-unreadable`, `lib/file-too-large`, `measure/firmware-size`
 */
export async function readFirmware(path: string): Promise<FirmwareImage> {
  return parseFirmware(path, await readBytes(path, "firmware", MAX_FIRMWARE_BYTES));
}

/**
 * Takes bytes as a firmware image.
 *
 * @param path named in messages
 * @throws ContrastError `measure/firmware-size`
 */
export function parseFirmware(path: string, bytes: Uint8Array): FirmwareImage {
  const { length } = bytes;
  if (length === 0 || length % PAGE_BYTES !== 0) {
    throw new ContrastError(
      "measure/firmware-size",
      `Cannot read firmware "${path}": got ${length} bytes, need whole pages of ${PAGE_BYTES} bytes`,
      {
        hint: "Name the raw image as QEMU gets it (OVMF.fd, or the code part alone); images in qcow2 format must be converted first.",
        details: { path, actual: length },
      },
    );
  }
  return { path, bytes };
}
