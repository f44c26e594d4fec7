import { describe, expect, test } from "bun:test";
import { unpackLzma } from "../../../src/measure/tdx/lzma.ts";
import { distantText, PACKED, PACKED_DISTANCES } from "../../fakes/lzma-sample.ts";

const TEXT = Uint8Array.of(
  ...new TextEncoder().encode("measured boot of confidential guests, ".repeat(9)),
  ...Array.from({ length: 256 }, (_, index) => index),
  ...new Uint8Array(600),
  ...new TextEncoder().encode("measured"),
);

/** Coded bytes behind a header. */
function packedOf(sizeBytes: number, coded: Uint8Array, properties = 0x5d): Uint8Array {
  const bytes = Uint8Array.of(...PACKED.subarray(0, 13), ...coded);
  bytes[0] = properties;
  new DataView(bytes.buffer).setBigUint64(5, BigInt(sizeBytes), true);
  return bytes;
}

describe("unpackLzma()", () => {
  test("unpacks what another program packed", () => {
    expect(unpackLzma(PACKED, TEXT.length)).toEqual(TEXT);
  });

  test("copies from every kind of distance", () => {
    expect(unpackLzma(PACKED_DISTANCES, 100_000)).toEqual(distantText());
  });

  test("refuses more output than is allowed", () => {
    expect(unpackLzma(PACKED, TEXT.length - 1)).toBeUndefined();
  });

  test("refuses the data cut off anywhere in front of the mark for the end", () => {
    for (let length = 0; length < PACKED.length - 12; length += 1) {
      expect(unpackLzma(PACKED.subarray(0, length), 4096)).toBeUndefined();
    }
  });

  test("refuses unknown properties", () => {
    expect(unpackLzma(packedOf(0, new Uint8Array(5), 224), 0)).toEqual(new Uint8Array());
    expect(unpackLzma(packedOf(0, new Uint8Array(5), 225), 0)).toBeUndefined();
  });

  test("refuses data that end before the coder starts", () => {
    expect(unpackLzma(packedOf(0, new Uint8Array(4)), 0)).toBeUndefined();
  });

  test("refuses a match that lies in front of the output or ends behind it", () => {
    const repeats = new Uint8Array(64).fill(0xff);
    expect(unpackLzma(packedOf(273, repeats), 273)).toBeUndefined();
    expect(unpackLzma(packedOf(TEXT.length - 1, PACKED.subarray(13)), TEXT.length)).toBeUndefined();
  });

  test("ends with any bit changed, and never writes more than it says", () => {
    for (let bit = 0; bit < PACKED.length * 8; bit += 3) {
      const changed = PACKED.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const unpacked = unpackLzma(changed, 4096);
      expect(unpacked?.length ?? 0).toBeLessThanOrEqual(4096);
    }
  });
});
