import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import { ContrastError, messageOf } from "../../lib/errors.ts";
import { readText } from "../../lib/files.ts";
import { type Ioctl, openIoctl } from "../../lib/ioctl.ts";
import { errnoNameOf, kernelError } from "./kernel-error.ts";
import { kernelTsmDirectory, type TsmDirectory } from "./tsm-directory.ts";

/** What an operating system offers to those who make evidence. */
export interface KernelInterfaces {
  readonly tsm: TsmDirectory;
  hasDevice(path: string): Promise<boolean>;
  /**
   * Runs a task with an open device.
   *
   * @throws ContrastError `issuer/forbidden`, `issuer/interface-unusable`, `issuer/kernel-error`
   */
  withDevice<T>(path: string, task: (ioctl: Ioctl, descriptor: number) => T): Promise<T>;
  /** A short text of the operating system, such as `/proc/cpuinfo`; undefined where it cannot be read. */
  text(path: string): Promise<string | undefined>;
}

const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/**
 * The interfaces of the running kernel.
 *
 * @param openCall finds `ioctl` when a device is first used
 */
export function kernelInterfaces(openCall: () => Promise<Ioctl> = openIoctl): KernelInterfaces {
  let ioctl: Promise<Ioctl> | undefined;
  return {
    tsm: kernelTsmDirectory(),
    hasDevice: async (path) => (await stat(path).catch(() => undefined))?.isCharacterDevice() ?? false,
    withDevice: async (path, task) => {
      ioctl ??= openCall();
      const call = await ioctl.catch((error: unknown) => {
        const fact = `cannot call ioctl: ${messageOf(error)}`;
        throw new ContrastError("issuer/interface-unusable", `Cannot use ${path}: ${fact}`, { cause: error });
      });
      const handle = await open(path, constants.O_RDWR).catch((error: unknown) => {
        throw kernelError(`Cannot open ${path}`, errnoNameOf(error), error);
      });
      try {
        return task(call, handle.fd);
      } finally {
        await handle.close();
      }
    },
    text: (path) => readText(path, "system information", MAX_TEXT_BYTES).catch(() => undefined),
  };
}
