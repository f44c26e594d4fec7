import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openIoctl } from "../../src/lib/ioctl.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const FIONREAD = 0x541b;
const EBADF = 9;
const ENOTTY = 25;

describe.skipIf(process.platform !== "linux")("openIoctl()", () => {
  test("reaches the kernel: a pipe says how many bytes are in it", async () => {
    const ioctl = await openIoctl();
    const path = join(temporaryDirectory(), "pipe");
    expect(spawnSync("mkfifo", [path]).status).toBe(0);
    const descriptor = openSync(path, constants.O_RDWR);
    try {
      writeSync(descriptor, "12345");
      const argument = new Uint8Array(4);
      expect(ioctl.call(descriptor, FIONREAD, argument)).toEqual({ returned: 0, errno: 0 });
      expect(argument).toEqual(Uint8Array.of(5, 0, 0, 0));
    } finally {
      closeSync(descriptor);
    }
  });

  test("tells the error of a call that fails", async () => {
    const ioctl = await openIoctl();
    const descriptor = openSync("/dev/null", constants.O_RDWR);
    try {
      expect(ioctl.call(descriptor, 0xc0205302, new Uint8Array(32))).toEqual({ returned: -1, errno: ENOTTY });
    } finally {
      closeSync(descriptor);
    }
    expect(ioctl.call(1_000_000, FIONREAD, new Uint8Array(4))).toEqual({ returned: -1, errno: EBADF });
  });

  test("gives the address of bytes, within their buffer", async () => {
    const ioctl = await openIoctl();
    const buffer = new Uint8Array(100);
    expect(ioctl.addressOf(buffer.subarray(10)) - ioctl.addressOf(buffer)).toBe(10n);
    expect(ioctl.addressOf(buffer)).toBeGreaterThan(0n);
  });
});
