import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { chooseRawIssuer } from "../../../src/attestation/issue/choose-raw-issuer.ts";
import { kernelInterfaces } from "../../../src/attestation/issue/kernel-interfaces.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const kernel = kernelInterfaces();
const isConfidential = (await kernel.hasDevice("/dev/sev-guest")) || (await kernel.hasDevice("/dev/tdx_guest"));

describe("kernelInterfaces()", () => {
  test("tells devices from files and from nothing", async () => {
    expect(await kernel.hasDevice("/dev/null")).toBe(true);
    expect(await kernel.hasDevice(import.meta.path)).toBe(false);
    expect(await kernel.hasDevice("/dev/absent")).toBe(false);
  });

  test("reads texts that are there", async () => {
    expect(await kernel.text("/proc/version")).toContain("Linux");
    expect(await kernel.text("/proc/absent")).toBeUndefined();
  });

  test("opens a device for a call, and closes it whatever happens", async () => {
    const open = await kernel.withDevice("/dev/null", (ioctl, descriptor) =>
      ioctl.call(descriptor, 0x541b, new Uint8Array(4)),
    );
    expect(open).toEqual({ returned: -1, errno: 25 });
    let kept = -1;
    const failing = kernel.withDevice("/dev/null", (_, descriptor) => {
      kept = descriptor;
      throw new Error("as told");
    });
    expect(await codeOfAsync(() => failing)).toContain("as told");
    const ioctl = await kernel.withDevice("/dev/null", (ioctl) => ioctl);
    expect(ioctl.call(kept, 0x541b, new Uint8Array(4)).errno).toBe(9);
  });

  test("says that a device cannot be opened: issuer/kernel-error", async () => {
    const path = join(temporaryDirectory(), "absent");
    expect(await codeOfAsync(() => kernel.withDevice(path, () => 0))).toBe("issuer/kernel-error");
  });

  test("says that the C library cannot be used: issuer/interface-unusable", async () => {
    const without = kernelInterfaces(() => Promise.reject(new Error("no C library")));
    expect(await codeOfAsync(() => without.withDevice("/dev/null", () => 0))).toBe("issuer/interface-unusable");
  });

  test.skipIf(isConfidential)("finds out that this machine is no confidential VM: issuer/no-tee", async () => {
    expect(await codeOfAsync(() => chooseRawIssuer(kernel, new AbortController().signal))).toBe("issuer/no-tee");
  });
});
