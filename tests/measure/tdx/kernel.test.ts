import { describe, expect, test } from "bun:test";
import { authenticodeSha384 } from "../../../src/measure/tdx/authenticode.ts";
import {
  commandLineEvent,
  initrdEvent,
  kernelImageEvent,
  requireMeasuringStub,
} from "../../../src/measure/tdx/kernel-events.ts";
import { layOutMemory } from "../../../src/measure/tdx/guest-memory.ts";
import { parseLinuxImage } from "../../../src/measure/tdx/linux-image.ts";
import { type DirectBoot, patchSetupHeader } from "../../../src/measure/tdx/qemu-setup-header.ts";
import { sha384Of } from "../../../src/measure/tdx/sha384-of.ts";
import { fakeBzImage } from "../../fakes/bzimage.ts";
import { codeOf } from "../../fakes/error-code.ts";

const MIB = 1024 * 1024;
const BOOT: DirectBoot = { initrdBytes: 0, commandLine: "", memory: layOutMemory(2048 * MIB) };

/** Bytes that QEMU changes, by offset. */
function patches(boot: Partial<DirectBoot>, kernel = fakeBzImage()): Readonly<Record<string, number>> {
  const patched = patchSetupHeader(parseLinuxImage("vmlinuz", kernel), { ...BOOT, ...boot });
  const view = new DataView(patched.buffer);
  expect(kernel.length).toBe(patched.length);
  return {
    video: view.getUint16(0x1fa, true),
    loader: view.getUint8(0x210),
    flags: view.getUint8(0x211),
    initrd: view.getUint32(0x218, true),
    initrdBytes: view.getUint32(0x21c, true),
    heap: view.getUint16(0x224, true),
    commandLine: view.getUint32(0x228, true),
  };
}

describe("parseLinuxImage()", () => {
  test("reads the setup header", () => {
    expect(parseLinuxImage("vmlinuz", fakeBzImage())).toMatchObject({ protocol: 0x20f, takesHighInitrd: true });
  });

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ["a short file", (bytes) => bytes.subarray(0, 0x267)],
    ["a file of another kind", (bytes) => bytes.fill(0, 0x202, 0x206)],
    ["a kernel before Linux 3.8", () => fakeBzImage({ protocol: 0x20b })],
    ["a zImage", (bytes) => bytes.fill(0, 0x211, 0x212)],
  ])("refuses %s", (_, change) => {
    expect(codeOf(() => parseLinuxImage("vmlinuz", change(fakeBzImage())))).toBe("measure/kernel-invalid");
  });
});

describe("patchSetupHeader()", () => {
  test("writes what a kernel without initrd needs", () => {
    const { initrd, initrdBytes, video } = patches({});
    const before = new DataView(fakeBzImage().buffer);
    expect([initrd, initrdBytes]).toEqual([before.getUint32(0x218, true), before.getUint32(0x21c, true)]);
    expect(video).toBe(before.getUint16(0x1fa, true));
    expect(patches({})).toMatchObject({ loader: 0xb0, flags: 0x81, heap: 0xfe00, commandLine: 0x20000 });
  });

  test.each([
    [2048, true, 0x7ffd7000],
    [600, true, 0x257d7000],
    [3072, true, 0x7ffd7000],
    [2800, true, 0xaefd7000],
    [2800, false, 0x7ffff000],
  ])("loads the initrd as high as it can with %d MiB (anywhere: %p)", (mib, takesHighInitrd, address) => {
    const found = patches({ initrdBytes: 0xfff, memory: layOutMemory(mib * MIB) }, fakeBzImage({ takesHighInitrd }));
    expect(found).toMatchObject({ initrd: address, initrdBytes: 0xfff });
  });

  test("loads the initrd to a given address", () => {
    expect(patches({ initrdBytes: 9, initrdAddress: 0x4000000 })).toMatchObject({ initrd: 0x4000000, initrdBytes: 9 });
  });

  test("refuses an initrd that does not fit", () => {
    const call = (): unknown => patches({ initrdBytes: 64 * MIB, memory: layOutMemory(64 * MIB) });
    expect(codeOf(call)).toBe("measure/tdx-memory");
  });

  test.each([
    ["a vga=0x317 b", 0x317],
    ["vga=normal", 0xffff],
    ["vga=ext", 0xfffe],
    ["novga=ask vga=1", 0xfffd],
    ["vga=010", 8],
    ["vga=791", 791],
  ])("takes the video mode of %p", (commandLine, mode) => {
    expect(patches({ commandLine })["video"]).toBe(mode);
  });

  test.each(["vga=", "vga=x", "vga=1x", "vga=-1"])("refuses %p as QEMU does", (commandLine) => {
    expect(codeOf(() => patches({ commandLine }))).toBe("measure/kernel-video-mode");
  });
});

describe("authenticodeSha384()", () => {
  const image = fakeBzImage({ certificateBytes: 64 });
  const wanted = [
    [0, 0x98],
    [0x9c, 0xe8],
    [0xf0, 0x400],
    [0x400, 0x1000],
    [0x1000, 0x1c00],
    [0x1c00, 0x2000],
  ].map(([start, end]) => image.subarray(start, end));

  test("leaves out checksum, pointer to signatures and signatures", () => {
    expect(authenticodeSha384(image)).toEqual(sha384Of(...wanted));
  });

  test.each([0x98, 0x9b, 0xe8, 0xef, 0x2000, 0x203f])("does not depend on the byte at %d", (at) => {
    const changed = image.slice();
    // The length of the signatures decides where they begin.
    if (at >= 0xec && at <= 0xef) return;
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(authenticodeSha384(changed)).toEqual(sha384Of(...wanted));
  });

  test.each([0x97, 0x9c, 0xe7, 0xf0, 0x3ff, 0x400, 0x1fff])("depends on the byte at %d", (at) => {
    const changed = image.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(authenticodeSha384(changed)).not.toEqual(sha384Of(...wanted));
  });

  test.each<[string, number, number, number]>([
    ["no MZ", 0, 1, 0],
    ["an M without Z", 1, 1, 0],
    ["a PE header outside", 0x3c, 4, 0xffffff],
    ["another signature", 0x40, 4, 1],
    ["too many sections", 0x46, 2, 300],
    ["sections outside", 0x54, 2, 0xffff],
    ["an unknown kind", 0x58, 2, 1],
    ["a short optional header", 0x54, 2, 100],
    ["headers that end behind the file", 0x94, 4, 0xffffff],
    ["headers that end before the sections", 0x94, 4, 0x100],
    ["directories outside of the header", 0x54, 2, 112],
    ["a section outside", 0x58 + 0xa0 + 16, 4, 0xffffff],
    ["a section that ends behind the file", 0x58 + 0xa0 + 20, 4, 0x1441],
    ["signatures that are longer than the file", 0xec, 4, 0xffff],
  ])("refuses %s", (_, offset, size, value) => {
    const changed = image.slice();
    const view = new DataView(changed.buffer);
    if (size === 4) view.setUint32(offset, value, true);
    else if (size === 2) view.setUint16(offset, value, true);
    else view.setUint8(offset, value);
    expect(typeof authenticodeSha384(changed)).toBe("string");
    expect(codeOf(() => kernelImageEvent("vmlinuz", changed))).toBe("measure/kernel-invalid");
  });

  test("refuses an unknown kind of any size", () => {
    const large = new Uint8Array(0x10000);
    large.set(image);
    large.fill(0, 2, 4);
    expect(typeof authenticodeSha384(large)).not.toBe("string");
    new DataView(large.buffer).setUint16(0x58, 1, true);
    expect(typeof authenticodeSha384(large)).toBe("string");
  });

  /** Another header in front of no sections. */
  function withoutSections(optionalBytes: number, ...words: readonly (readonly [at: number, value: number])[]) {
    const changed = image.slice();
    const view = new DataView(changed.buffer);
    view.setUint16(0x46, 0, true);
    view.setUint16(0x54, optionalBytes, true);
    for (const [at, value] of words) view.setUint32(at, value, true);
    return changed;
  }

  test("refuses a pointer to signatures outside of the header", () => {
    expect(typeof authenticodeSha384(withoutSections(152))).not.toBe("string");
    expect(typeof authenticodeSha384(withoutSections(151))).toBe("string");
  });

  test("hashes the end of a file that can have no signatures", () => {
    const unsigned = withoutSections(144, [0x58 + 108, 4]);
    expect(authenticodeSha384(unsigned)).toEqual(sha384Of(unsigned.subarray(0, 0x98), unsigned.subarray(0x9c)));
  });

  test("finds the pointer to signatures in the header of 32 bits", () => {
    const pe32 = withoutSections(0xa0, [0x58, 0x10b], [0x58 + 92, 6], [0xdc, 64]);
    const parts = [pe32.subarray(0, 0x98), pe32.subarray(0x9c, 0xd8), pe32.subarray(0xe0, 0x2000)];
    expect(authenticodeSha384(pe32)).toEqual(sha384Of(...parts));
  });

  test("throws at no length of a file", () => {
    for (let length = 0; length < 0x420; length += 1) {
      expect(typeof authenticodeSha384(image.subarray(0, length))).toBe("string");
    }
  });
});

describe("requireMeasuringStub()", () => {
  test("takes a kernel that knows how to measure, and no other", () => {
    expect(codeOf(() => requireMeasuringStub(parseLinuxImage("k", fakeBzImage())))).toStartWith("no error");
    const blind = parseLinuxImage("k", fakeBzImage({ measures: false }));
    expect(codeOf(() => requireMeasuringStub(blind))).toBe("measure/kernel-unmeasured");
  });
});

describe("commandLineEvent()", () => {
  test("hashes a UTF-16 unit for each byte, and a final zero", () => {
    expect(commandLineEvent("aü").digest).toEqual(sha384Of(Uint8Array.of(0x61, 0, 0xc3, 0, 0xbc, 0, 0, 0)));
    expect(initrdEvent(Uint8Array.of(1)).digest).toEqual(sha384Of(Uint8Array.of(1)));
  });
});
