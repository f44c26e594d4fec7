/**
 * What the SEV firmware may say to a request of a guest.
 *
 * @see AMD 56860 (SEV-SNP ABI), status codes; Linux include/uapi/linux/psp-sev.h
 */
const MEANINGS: ReadonlyMap<number, string> = new Map([
  [0x01, "the platform is in the wrong state"],
  [0x02, "the guest is in the wrong state"],
  [0x04, "a buffer has the wrong length"],
  [0x07, "the policy of the guest forbids it"],
  [0x08, "the guest is not active"],
  [0x09, "an address is wrong"],
  [0x0a, "a signature is wrong"],
  [0x0d, "the guest's address space identifier is wrong"],
  [0x10, "the firmware does not know the guest"],
  [0x11, "the firmware does not know the command"],
  [0x13, "a hardware condition has changed; the host needs a restart"],
  [0x14, "the hardware is in an unsafe state; the host needs a restart"],
  [0x15, "the firmware does not support it"],
  [0x16, "a parameter is wrong"],
  [0x17, "the firmware is out of resources"],
  [0x18, "the message could not be authenticated"],
  [0x1a, "a page is in the wrong state"],
  [0x1c, "a page belongs to somebody else"],
  [0x1d, "the sequence number of messages has overflowed; the machine needs a restart"],
  [0x21, "a security version is too low"],
  [0x22, "a version is not supported"],
  [0x23, "the firmware must be shut down first"],
  [0x27, "a key is wrong or not there"],
]);

/** The status of the firmware in words, with its number. */
export function describeFirmwareError(status: number): string {
  return `${MEANINGS.get(status) ?? "unknown status"} (0x${status.toString(16)})`;
}
