import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { gunzipMember, gzip } from "../../src/lib/gzip.ts";

const TEXT = new TextEncoder().encode("package agent_policy\n".repeat(20));
const LIMIT = 1024;

/** A member whose header has optional fields, as `gzip FILE` and others write them. */
function withHeader(flags: number, fields: readonly number[]): Uint8Array {
  const packed = gzip(TEXT);
  packed[3] = flags;
  return Uint8Array.of(...packed.subarray(0, 10), ...fields, ...packed.subarray(10));
}

describe("gzip()", () => {
  test("says nothing of the time and the computer", () => {
    expect([...gzip(TEXT).subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
    expect(gzip(TEXT)).toEqual(gzip(TEXT));
    expect(new Uint8Array(Bun.gunzipSync(Uint8Array.from(gzip(TEXT))))).toEqual(TEXT);
  });
});

describe("gunzipMember()", () => {
  test.each([
    ["its own output", gzip(TEXT)],
    ["that of others", new Uint8Array(gzipSync(TEXT, { level: 1 }))],
    ["extra fields", withHeader(0x04, [3, 0, 1, 2, 3])],
    ["names", withHeader(0x08, [97, 98, 0])],
    ["comments", withHeader(0x10, [99, 0])],
    ["all of them with a header checksum", withHeader(0x1e, [1, 0, 7, 97, 0, 99, 0, 5, 5])],
  ])("unpacks %s", (_what, bytes) => {
    expect(gunzipMember(bytes, LIMIT)).toEqual(TEXT);
  });

  test("unpacks nothing from an empty member", () => {
    expect(gunzipMember(gzip(new Uint8Array()), LIMIT)).toEqual(new Uint8Array());
  });

  const member = gzip(TEXT);
  test.each([
    ["a byte behind the member", Uint8Array.of(...member, 0)],
    ["a second member", Uint8Array.of(...member, ...member)],
    ["an empty member in front", Uint8Array.of(...gzip(new Uint8Array()), ...member)],
    ["reserved flags", withHeader(0x20, [])],
    ["a name without end", Uint8Array.of(...member.subarray(0, 3), 8, ...member.subarray(4, 10), 97, 98)],
    ["an extra field beyond the end", Uint8Array.of(...member.subarray(0, 3), 4, ...member.subarray(4, 10), 255, 255)],
  ])("refuses %s", (_what, bytes) => {
    expect(gunzipMember(bytes, LIMIT)).toBeUndefined();
  });

  test("refuses every truncation", () => {
    for (let length = 0; length < member.length; length++) {
      expect(gunzipMember(member.subarray(0, length), LIMIT)).toBeUndefined();
    }
  });

  test("never takes a changed bit for another text", () => {
    for (let bit = 0; bit < member.length * 8; bit++) {
      const changed = Uint8Array.from(member);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      // Bits of the header that say nothing about the text, and other ways to write the same text.
      const unpacked = gunzipMember(changed, LIMIT);
      if (unpacked !== undefined) expect(unpacked).toEqual(TEXT);
    }
  });

  test("refuses every changed bit of checksum and length", () => {
    for (let bit = (member.length - 8) * 8; bit < member.length * 8; bit++) {
      const changed = Uint8Array.from(member);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(gunzipMember(changed, LIMIT)).toBeUndefined();
    }
  });

  test("stops at its limit", () => {
    expect(gunzipMember(member, TEXT.length)).toEqual(TEXT);
    expect(gunzipMember(member, TEXT.length - 1)).toBeUndefined();
    const bomb = gzip(new Uint8Array(64 * 1024 * 1024));
    const before = performance.now();
    expect(gunzipMember(bomb, LIMIT)).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
