import type { KernelInterfaces } from "../../src/attestation/issue/kernel-interfaces.ts";
import { kernelError } from "../../src/attestation/issue/kernel-error.ts";
import type { TsmDirectory } from "../../src/attestation/issue/tsm-directory.ts";
import { errno, FakeConfigfsTsm } from "./configfs-tsm.ts";
import type { FakeSevGuestDevice } from "./sev-guest-device.ts";

/** What a fake kernel has. */
export interface FakeKernelParts {
  readonly tsm?: TsmDirectory;
  readonly sevGuest?: FakeSevGuestDevice;
  /** The kernel's name of the error of `open`. */
  readonly openError?: string;
  readonly hasTdxGuest?: boolean;
  readonly files?: Readonly<Record<string, string>>;
}

/** A kernel with these interfaces and no others. */
export function fakeKernel({ tsm, sevGuest, openError, hasTdxGuest, files = {} }: FakeKernelParts): KernelInterfaces {
  const absent = new FakeConfigfsTsm();
  absent.isMounted = false;
  return {
    tsm: tsm ?? absent,
    hasDevice: async (path) =>
      (path === "/dev/sev-guest" && sevGuest !== undefined) || (path === "/dev/tdx_guest" && hasTdxGuest === true),
    withDevice: async (path, task) => {
      if (openError !== undefined) throw kernelError(`Cannot open ${path}`, openError, errno(openError));
      if (sevGuest === undefined || path !== "/dev/sev-guest") throw new Error(`no device ${path}`);
      return task(sevGuest, 7);
    },
    text: async (path) => files[path],
  };
}
