import { ContrastError } from "../../lib/errors.ts";
import type { GuestMemory } from "./guest-memory.ts";
import type { LinuxImage } from "./linux-image.ts";

/** What QEMU writes into the setup header depends on. */
export interface DirectBoot {
  /** Bytes of the initrd; 0 without one. */
  readonly initrdBytes: number;
  readonly commandLine: string;
  readonly memory: GuestMemory;
  /** For hypervisors that load the initrd to a fixed address, not as high as possible. */
  readonly initrdAddress?: number;
}

/** Left free for ACPI tables above the initrd. */
const ACPI_BYTES = 0x28000;
const PAGE_MASK = 0xfff;
const FOUR_GIB_END = 0xffff_ffff;

const VIDEO_MODE_OFFSET = 0x1fa;
const LOADER_TYPE_OFFSET = 0x210;
const LOAD_FLAGS_OFFSET = 0x211;
const INITRD_ADDRESS_OFFSET = 0x218;
const INITRD_SIZE_OFFSET = 0x21c;
const HEAP_END_OFFSET = 0x224;
const COMMAND_LINE_OFFSET = 0x228;

const QEMU_LOADER = 0xb0;
const CAN_USE_HEAP = 0x80;
const COMMAND_LINE_ADDRESS = 0x20000;
/** Distance of the command line from the setup code, less the sector of the boot loader. */
const HEAP_END = COMMAND_LINE_ADDRESS - 0x10000 - 0x200;

/**
 * The kernel as a guest gets it from `qemu -kernel`: QEMU writes addresses into the setup header before the firmware
 * reads the file. Versions that leave the header of confidential guests alone (QEMU 10.2 and later) hand out the file as
 * it is.
 *
 * @returns a copy
 * @throws ContrastError `measure/tdx-memory` if the initrd does not fit, `measure/kernel-video-mode` for an unreadable `vga=`
 * @see qemu/qemu `hw/i386/x86-common.c`, x86_load_linux
 */
export function patchSetupHeader(kernel: LinuxImage, boot: DirectBoot): Uint8Array {
  const bytes = Uint8Array.from(kernel.bytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(COMMAND_LINE_OFFSET, COMMAND_LINE_ADDRESS, true);
  const mode = videoMode(boot.commandLine);
  if (mode !== undefined) view.setUint16(VIDEO_MODE_OFFSET, mode, true);
  view.setUint8(LOADER_TYPE_OFFSET, QEMU_LOADER);
  view.setUint8(LOAD_FLAGS_OFFSET, view.getUint8(LOAD_FLAGS_OFFSET) | CAN_USE_HEAP);
  view.setUint16(HEAP_END_OFFSET, HEAP_END, true);
  if (boot.initrdBytes > 0) {
    view.setUint32(INITRD_ADDRESS_OFFSET, initrdAddress(kernel, boot), true);
    view.setUint32(INITRD_SIZE_OFFSET, boot.initrdBytes, true);
  }
  return bytes;
}

/** As high as possible below 4 GiB, on a page. */
function initrdAddress(kernel: LinuxImage, { initrdBytes, memory, initrdAddress: fixed }: DirectBoot): number {
  if (fixed !== undefined) return fixed;
  const limit = memory.lowBytes - ACPI_BYTES;
  const wanted = kernel.takesHighInitrd ? FOUR_GIB_END : kernel.initrdMaximum;
  const maximum = wanted >= limit ? limit - 1 : wanted;
  if (initrdBytes >= maximum) {
    throw new ContrastError(
      "measure/tdx-memory",
      `Cannot place the initrd: got ${initrdBytes} bytes, ${Math.max(maximum, 0)} are free below 4 GiB`,
      { hint: "Give the memory of the guest with --memory.", details: { initrdBytes, lowBytes: memory.lowBytes } },
    );
  }
  const highest = maximum - initrdBytes;
  return highest - (highest & PAGE_MASK);
}

/** QEMU takes the first `vga=` of the command line, also inside of another word. */
function videoMode(commandLine: string): number | undefined {
  const at = commandLine.indexOf("vga=");
  if (at === -1) return undefined;
  const value = commandLine.slice(at + 4);
  if (value.startsWith("normal")) return 0xffff;
  if (value.startsWith("ext")) return 0xfffe;
  if (value.startsWith("ask")) return 0xfffd;
  const number = /^(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)(?: |$)/i.exec(value)?.[1];
  if (number === undefined) {
    throw new ContrastError(
      "measure/kernel-video-mode",
      `Cannot patch the kernel: "vga=" of the command line is no number`,
      {
        hint: "QEMU does not start with it either; leave vga= out.",
      },
    );
  }
  // As strtoul(3) with base 0.
  return (/^0[0-7]+$/.test(number) ? Number.parseInt(number, 8) : Number(number)) & 0xffff;
}
