import { ContrastError } from "../../lib/errors.ts";
import { hexOffset } from "../guid-table.ts";
import { type GuestMemory, HIGH_MEMORY_START } from "./guest-memory.ts";
import { type TdvfSection, theSection } from "./tdvf-metadata.ts";

const HAND_OFF_BYTES = 56;
const RESOURCE_BYTES = 48;
const END_BYTES = 8;

const HAND_OFF_TYPE = 1;
const RESOURCE_TYPE = 3;
const HOB_VERSION = 9;

/** EFI_RESOURCE_SYSTEM_MEMORY: added before the guest starts. */
const ADDED = 0;
/** EFI_RESOURCE_MEMORY_UNACCEPTED: the guest has to accept it. */
const UNACCEPTED = 7;
/** Present, initialized, tested. */
const ATTRIBUTES = 7;

interface Range {
  readonly start: number;
  readonly end: number;
  readonly type: number;
}

/**
 * The list of hand-off blocks by which QEMU tells the firmware the memory of the guest, as far as the firmware measures
 * it (without the block that ends the list). Little-endian.
 *
 *     offset  size  field
 *          0    56  hand-off information: type 1, length, reserved, version 9, boot mode 0, four addresses that are 0,
 *                   address behind the whole list
 *         56    48  each range of memory by address: type 3, length, reserved, owner (16 zeros), resource type,
 *                   attributes, start, length
 *
 * @throws ContrastError `measure/tdx-memory` if a section lies outside of the memory
 * @see qemu/qemu `hw/i386/tdvf-hob.c`; tianocore/edk2 `OvmfPkg/IntelTdx/TdxHelperLib/SecTdxHelper.c`
 */
export function encodeTdHob(sections: readonly TdvfSection[], memory: GuestMemory): Uint8Array {
  const ranges = memoryRanges(sections, memory);
  const hob = theSection(sections, "hand-off");
  const bytes = new Uint8Array(HAND_OFF_BYTES + ranges.length * RESOURCE_BYTES);
  if (bytes.length + END_BYTES > hob.sizeBytes) {
    throw new ContrastError(
      "measure/tdx-memory",
      `Cannot write hand-off blocks: ${bytes.length + END_BYTES} bytes, the section has ${hob.sizeBytes}`,
    );
  }
  const view = new DataView(bytes.buffer);
  view.setUint16(0, HAND_OFF_TYPE, true);
  view.setUint16(2, HAND_OFF_BYTES, true);
  view.setUint32(8, HOB_VERSION, true);
  view.setBigUint64(48, BigInt(hob.address + bytes.length + END_BYTES), true);
  for (const [index, { start, end, type }] of ranges.entries()) {
    const at = HAND_OFF_BYTES + index * RESOURCE_BYTES;
    view.setUint16(at, RESOURCE_TYPE, true);
    view.setUint16(at + 2, RESOURCE_BYTES, true);
    view.setUint32(at + 24, type, true);
    view.setUint32(at + 28, ATTRIBUTES, true);
    view.setBigUint64(at + 32, BigInt(start), true);
    view.setBigUint64(at + 40, BigInt(end - start), true);
  }
  return bytes;
}

/** What was added before the start is cut out of the memory that the guest has yet to accept; no two sections overlap. */
function memoryRanges(sections: readonly TdvfSection[], { lowBytes, highBytes }: GuestMemory): readonly Range[] {
  let ranges: readonly Range[] = [
    { start: 0, end: lowBytes, type: UNACCEPTED },
    ...(highBytes === 0 ? [] : [{ start: HIGH_MEMORY_START, end: HIGH_MEMORY_START + highBytes, type: UNACCEPTED }]),
  ];
  for (const { kind, address, sizeBytes } of sections) {
    if (kind !== "hand-off" && kind !== "temporary") continue;
    const end = address + sizeBytes;
    const host = ranges.find((range) => range.start <= address && end <= range.end);
    if (host === undefined) {
      throw new ContrastError(
        "measure/tdx-memory",
        `Cannot start a guest with ${lowBytes + highBytes} bytes of memory: the ${kind} section at ${hexOffset(address)} lies outside`,
        { hint: "Give the memory of the guest with --memory.", details: { address, sizeBytes } },
      );
    }
    const parts = [
      { start: host.start, end: address, type: UNACCEPTED },
      { start: address, end, type: ADDED },
      { start: end, end: host.end, type: UNACCEPTED },
    ].filter((part) => part.start < part.end);
    ranges = ranges.flatMap((range) => (range === host ? parts : [range]));
  }
  return ranges;
}
