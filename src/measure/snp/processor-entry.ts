import { ContrastError } from "../../lib/errors.ts";
import type { FirmwareImage } from "../firmware-image.ts";
import { findEntry, type GuidTable, hexOffset } from "../guid-table.ts";

/** Holds the address where every processor but the first starts. */
const RESET_BLOCK_GUID = "00f771de-1a7e-4fcb-890e-68c77e2fb44e";
const ADDRESS_BYTES = 4;

/**
 * Address of the first instruction of every processor but the first: the host cannot start them anywhere else.
 *
 * @throws ContrastError `measure/firmware-not-snp` without it, `measure/firmware-metadata-invalid`
 * @see tianocore/edk2 `OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm`, SEV-ES reset block
 */
export function parseProcessorEntry({ path }: FirmwareImage, table: GuidTable): number {
  const entry = findEntry(table, RESET_BLOCK_GUID);
  if (entry === undefined) {
    throw new ContrastError(
      "measure/firmware-not-snp",
      `Cannot measure firmware "${path}": it does not say where further processors start (no entry ${RESET_BLOCK_GUID})`,
      { hint: "Name an OVMF image for SEV-SNP.", details: { path } },
    );
  }
  const { data, offset } = entry;
  if (data.length !== ADDRESS_BYTES) {
    throw new ContrastError(
      "measure/firmware-metadata-invalid",
      `Cannot read firmware "${path}": SEV-ES reset block at offset ${hexOffset(offset)}: got ${data.length} bytes, need ${ADDRESS_BYTES}`,
      { hint: "Get the image again; it is damaged.", details: { path, offset } },
    );
  }
  return new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(0, true);
}
