import { openCLibrary } from "./c-library.ts";

/** What the kernel answered to an `ioctl`. */
export interface IoctlResult {
  /** Negative where it failed. */
  readonly returned: number;
  /** Number of the error where it failed, such as 22 for EINVAL. */
  readonly errno: number;
}

/** The system call `ioctl`, for devices that have no other interface. */
export interface Ioctl {
  /** Where bytes lie in memory, for structures that point to others; good as long as somebody holds them. */
  addressOf(bytes: Uint8Array): bigint;
  /**
   * Makes the call. It blocks the whole program until the device answers.
   *
   * @param argument the structure that the request is about; the kernel may change it and all that it points to
   */
  call(descriptor: number, request: number, argument: Uint8Array): IoctlResult;
}

/**
 * Finds `ioctl` in the C library. Loaded when it is first needed, because few programs run where there is a device.
 *
 * @throws Error where there is no such library
 */
export async function openIoctl(): Promise<Ioctl> {
  const { ptr, read } = await import("bun:ffi");
  const { ioctl, __errno_location: errnoLocation } = await openCLibrary({
    // The request is an unsigned long on glibc and an int on musl; both look at the same register.
    ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
    __errno_location: { args: [], returns: "ptr" },
  });
  return {
    addressOf: (bytes) => BigInt(ptr(bytes)),
    call: (descriptor, request, argument) => {
      const returned = ioctl(descriptor, BigInt(request), ptr(argument));
      const location = errnoLocation();
      return { returned, errno: returned < 0 && location !== null ? read.i32(location, 0) : 0 };
    },
  };
}
