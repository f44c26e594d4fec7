/** A firmware image as the hypervisor maps it: its last byte lies right below 4 GiB of guest memory. */
export interface FirmwareImage {
  /** Named in messages. */
  readonly path: string;
  /** The whole file; whole pages, not modified. */
  readonly bytes: Uint8Array;
}

/** Size of the pages that guests are launched with. */
export const PAGE_BYTES = 4096;

/** First address behind the firmware in guest memory. */
const FIRMWARE_END = 0x1_0000_0000;

/** Guest-physical address of the first byte of the image. */
export function firmwareStart({ bytes }: FirmwareImage): number {
  return FIRMWARE_END - bytes.length;
}
