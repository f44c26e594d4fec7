import { describe, expect, test } from "bun:test";
import { encodeTarHeader } from "../../../scripts/lib/tar-writer.ts";
import { readDeviceNumbers, readInodeFields } from "../../../src/oci/verity/inode-fields.ts";

/** A header with one field of other bytes. */
function header(at: number, field: Uint8Array | string): Uint8Array {
  const block = Buffer.from(encodeTarHeader({ name: "f", mode: 0o644 }, 0));
  Buffer.from(field as string, "latin1").copy(block, at);
  return block;
}

describe("readInodeFields()", () => {
  test("drops setuid, setgid and sticky", () => {
    expect(readInodeFields(header(100, "0007755\0"))?.permissions).toBe(0o755);
  });
  test.each([
    ["octal", "0000755\0", 0o755],
    ["octal without its end", "00000755", 0o755],
    ["spaces around", "   755 \0", 0o755],
    ["a plus sign", "+755\0\0\0\0", 0o755],
  ])("reads a mode of %s", (_, field, mode) => {
    expect(readInodeFields(header(100, field))?.permissions).toBe(mode);
  });
  test.each(["rwxr-xr-", "\0\0\0\0\0\0\0\0", "        ", "0000788\0", "\u0080\0\0\0\0\0\u0001\u00ed", "-755\0\0\0\0"])(
    "knows no mode in %j",
    (field) => {
      expect(readInodeFields(header(100, field))).toBeUndefined();
    },
  );
  test("reads owners of base 256, of their value the low 32 bits", () => {
    expect(readInodeFields(header(108, "\u0080\0\0\0\0\u0020\0\u0001"))?.uid).toBe(0x200001);
    expect(readInodeFields(header(116, "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00fe"))?.gid).toBe(0xfffffffe);
  });
  test("takes numbers that are none for 0", () => {
    const fields = readInodeFields(header(108, "nobody\0\0nogroup\0"));
    expect([fields?.uid, fields?.gid, readInodeFields(header(136, "yesterday\0"))?.mtimeLow]).toEqual([0, 0, 0]);
  });
  test.each([
    ["octal", "77777777777\0", 0xffffffff, 1],
    ["octal without its end", "777777777777", 0xffffffff, 15],
    ["base 256", "\u0080\0\0\0\0\0\u0003\u0021\u0001\u0002\u0003\u0004", 0x01020304, 1],
    ["a time before 1970", "\u00ff".repeat(12), 0xffffffff, 15],
  ])("keeps 36 bits of a time in %s", (_, field, low, high) => {
    const fields = readInodeFields(header(136, field));
    expect([fields?.mtimeLow, fields?.mtimeHigh]).toEqual([low, high]);
  });
});

describe("readDeviceNumbers()", () => {
  test("reads both numbers from headers that have them", () => {
    expect(readDeviceNumbers(header(329, "0000010\u00000000003\0"))).toEqual({ major: 8, minor: 3 });
    const gnu = Buffer.from(header(329, "0000001\u00000000002\0"));
    gnu.write("ustar  \0", 257);
    expect(readDeviceNumbers(gnu)).toEqual({ major: 1, minor: 2 });
  });
  test("knows none in old headers, nor where a number does not parse", () => {
    expect(readDeviceNumbers(header(257, "\0".repeat(8)))).toBeUndefined();
    expect(readDeviceNumbers(header(329, "eight\0\0\u00000000003\0"))).toBeUndefined();
    expect(readDeviceNumbers(header(329, "0000010\u0000three\0\0\0"))).toBeUndefined();
  });
});
