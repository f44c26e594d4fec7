import { ContrastError } from "../../lib/errors.ts";

/** What the boot protocol says of a kernel image (bzImage). */
export interface LinuxImage {
  /** Named in messages. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Such as 0x20f for 2.15. */
  readonly protocol: number;
  /** Whether an initrd may lie anywhere below 4 GiB. */
  readonly takesHighInitrd: boolean;
  /** Last address of an initrd as the kernel states it. */
  readonly initrdMaximum: number;
}

const HEADER_END = 0x268;
const MAGIC_OFFSET = 0x202;
/** `HdrS` in a little-endian number. */
const MAGIC = 0x53726448;
const PROTOCOL_OFFSET = 0x206;
const LOAD_FLAGS_OFFSET = 0x211;
const INITRD_MAXIMUM_OFFSET = 0x22c;
const XLOAD_FLAGS_OFFSET = 0x236;

const LOADED_HIGH = 1;
const CAN_BE_LOADED_ABOVE_4G = 2;

/** Linux 3.8 (2013): since then the flags above are there; no older kernel starts in a TDX guest. */
const OLDEST_PROTOCOL = 0x20c;

/**
 * Reads the setup header of an x86 Linux kernel.
 *
 * @throws ContrastError `measure/kernel-invalid` for anything but a bzImage of Linux 3.8 or later
 * @see Linux `Documentation/arch/x86/boot.rst`
 */
export function parseLinuxImage(path: string, bytes: Uint8Array): LinuxImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_END) throw invalidKernel(path, `got ${bytes.length} bytes, need at least ${HEADER_END}`);
  if (view.getUint32(MAGIC_OFFSET, true) !== MAGIC) throw invalidKernel(path, "it is no bzImage");
  const protocol = view.getUint16(PROTOCOL_OFFSET, true);
  if (protocol < OLDEST_PROTOCOL) throw invalidKernel(path, `boot protocol is 0x${protocol.toString(16)}, need 0x20c`);
  if ((view.getUint8(LOAD_FLAGS_OFFSET) & LOADED_HIGH) === 0) throw invalidKernel(path, "it is a zImage");
  return {
    path,
    bytes,
    protocol,
    takesHighInitrd: (view.getUint16(XLOAD_FLAGS_OFFSET, true) & CAN_BE_LOADED_ABOVE_4G) !== 0,
    initrdMaximum: view.getUint32(INITRD_MAXIMUM_OFFSET, true),
  };
}

/** The error for a kernel that cannot be measured. */
export function invalidKernel(path: string, fact: string): ContrastError {
  return new ContrastError("measure/kernel-invalid", `Cannot measure kernel "${path}": ${fact}`, {
    hint: "Name the bzImage with EFI stub that the runtime starts (vmlinuz), not an ELF file (vmlinux).",
    details: { path },
  });
}
