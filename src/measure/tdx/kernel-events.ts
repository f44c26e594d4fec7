import { ContrastError } from "../../lib/errors.ts";
import { findBytes } from "../../lib/find-bytes.ts";
import { authenticodeSha384 } from "./authenticode.ts";
import { actionEvent } from "./boot-events.ts";
import { separatorEvent } from "./efi-variable-events.ts";
import { guidBytes } from "../guid-bytes.ts";
import { invalidKernel, type LinuxImage } from "./linux-image.ts";
import { hashedEvent, type MeasuredEvent } from "./measured-event.ts";
import { encodeUtf16 } from "./utf16.ts";

/** EFI_CC_MEASUREMENT_PROTOCOL, by which the kernel's EFI stub measures what it gets. */
const MEASUREMENT_PROTOCOL = guidBytes("96751a3d-72f4-41a6-a794-ed5d0e67ae6b");

/** Compilers put a GUID together of two halves; they stand close to each other. */
const NEARBY_BYTES = 256;

/** The start of the kernel, in the order in which the firmware measures it around the boot options. */
export function kernelImageEvent(path: string, startedImage: Uint8Array): MeasuredEvent {
  const digest = authenticodeSha384(startedImage);
  if (typeof digest === "string") throw invalidKernel(path, digest);
  return {
    register: 1,
    type: "EV_EFI_BOOT_SERVICES_APPLICATION",
    what: "kernel, as the hypervisor hands it out",
    digestOf: "Authenticode digest of the file",
    digest,
  };
}

/** The firmware's steps from the kernel's start to its end. */
export function bootActionEvents(): {
  readonly before: readonly MeasuredEvent[];
  readonly after: readonly MeasuredEvent[];
} {
  return {
    before: [actionEvent("Calling EFI Application from Boot Option"), separatorEvent(1)],
    after: [actionEvent("Exit Boot Services Invocation"), actionEvent("Exit Boot Services Returned with Success")],
  };
}

/**
 * The command line as the kernel's EFI stub gets it: OVMF makes a UTF-16 unit of each byte, and adds a final zero.
 *
 * @param text with the word that OVMF adds for an initrd
 */
export function commandLineEvent(text: string): MeasuredEvent {
  return hashedEvent(
    {
      register: 2,
      type: "EV_EVENT_TAG",
      what: `command line "${text}"`,
      digestOf: "the text in UTF-16 with a final zero",
    },
    encodeUtf16(String.fromCharCode(...new TextEncoder().encode(`${text}\0`))),
  );
}

/** The initrd as the kernel's EFI stub loads it. */
export function initrdEvent(initrd: Uint8Array): MeasuredEvent {
  return hashedEvent(
    { register: 2, type: "EV_EVENT_TAG", what: "initrd", digestOf: `the file, ${initrd.length} bytes` },
    initrd,
  );
}

/**
 * Makes sure that the EFI stub of a kernel measures its command line and initrd; without that, both could be replaced
 * and RTMR2 would stay the same.
 *
 * @throws ContrastError `measure/kernel-unmeasured`
 */
export function requireMeasuringStub({ path, bytes }: LinuxImage): void {
  const [first, second] = [MEASUREMENT_PROTOCOL.subarray(0, 8), MEASUREMENT_PROTOCOL.subarray(8)];
  for (let at = findBytes(bytes, first); at !== -1; at = findBytes(bytes, first, at + 1)) {
    if (findBytes(bytes.subarray(Math.max(at - NEARBY_BYTES, 0), at + NEARBY_BYTES), second) !== -1) return;
  }
  throw new ContrastError(
    "measure/kernel-unmeasured",
    `Cannot compute RTMR2 of kernel "${path}": its EFI stub does not measure command line and initrd of TDX guests`,
    { hint: "Take a kernel of Linux 6.10 or later, or one with its measurement patches.", details: { path } },
  );
}
