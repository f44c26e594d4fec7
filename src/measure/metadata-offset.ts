import { ContrastError } from "../lib/errors.ts";
import type { FirmwareImage } from "./firmware-image.ts";
import { type GuidTableEntry, hexOffset } from "./guid-table.ts";

const DISTANCE_BYTES = 4;

/**
 * Offset in the image of a structure that a GUID entry points to: the entry holds its distance from the end of the
 * image, 4 bytes, little-endian.
 *
 * @param headerBytes how much of the structure must lie inside of the image
 * @throws ContrastError `measure/firmware-metadata-invalid`
 */
export function metadataOffset(image: FirmwareImage, entry: GuidTableEntry, headerBytes: number): number {
  const { bytes, path } = image;
  const { data, guid, offset: at } = entry;
  const fail = (fact: string): ContrastError =>
    new ContrastError(
      "measure/firmware-metadata-invalid",
      `Cannot read firmware "${path}": entry ${guid} at offset ${hexOffset(at)} ${fact}`,
      { hint: "Get the image again; it is damaged.", details: { path, offset: at } },
    );
  if (data.length !== DISTANCE_BYTES) throw fail(`holds ${data.length} bytes, need ${DISTANCE_BYTES}`);
  const distance = new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(0, true);
  if (distance < headerBytes || distance > bytes.length) {
    throw fail(`points ${distance} bytes before the end, need ${headerBytes} to ${bytes.length}`);
  }
  return bytes.length - distance;
}
