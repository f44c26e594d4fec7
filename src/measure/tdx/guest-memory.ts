import { ContrastError } from "../../lib/errors.ts";

/** Guest memory as QEMU's machine type q35 maps it: a part below 4 GiB, the rest from 4 GiB on. Bytes. */
export interface GuestMemory {
  readonly lowBytes: number;
  readonly highBytes: number;
}

const MIB = 1024 * 1024;

/** Guests with at least so much memory leave more of the first 4 GiB to devices. */
const LOW_LIMIT = 2816 * MIB;
const LOW_OF_LARGE = 2048 * MIB;

const MAX_MEMORY = 64 * 1024 * 1024 * MIB;

/** First address of the part that does not fit below 4 GiB. */
export const HIGH_MEMORY_START = 0x1_0000_0000;

/**
 * Lays out memory as q35 does: all below 4 GiB up to 2.75 GiB; from there on 2 GiB below and the rest above.
 *
 * @param bytes whole MiB
 * @throws ContrastError `measure/tdx-memory`
 * @see qemu/qemu `hw/i386/pc_q35.c`
 */
export function layOutMemory(bytes: number): GuestMemory {
  if (bytes < MIB || bytes > MAX_MEMORY || bytes % MIB !== 0) {
    throw new ContrastError("measure/tdx-memory", `Cannot lay out guest memory: got ${bytes} bytes, need whole MiB`, {
      hint: "Give the size as the hypervisor gets it, such as 2048M or 2G.",
      details: { actual: bytes },
    });
  }
  if (bytes < LOW_LIMIT) return { lowBytes: bytes, highBytes: 0 };
  return { lowBytes: LOW_OF_LARGE, highBytes: bytes - LOW_OF_LARGE };
}
