import { gzipSync } from "node:zlib";
import { describe, expect, test } from "bun:test";
import { GZIP } from "../../src/rpc/gzip.ts";
import { codeOfAsync } from "../fakes/error-code.ts";

const PLAIN = new Uint8Array(1000).fill(7);
const PACKED = new Uint8Array(gzipSync(PLAIN));

describe("GZIP", () => {
  test("gives back what it compressed, and nothing for nothing", async () => {
    expect(await GZIP.decompress(await GZIP.compress(PLAIN), 1000)).toEqual(PLAIN);
    expect(await GZIP.decompress(new Uint8Array(), 0)).toEqual(new Uint8Array());
  });

  test("does not expand beyond the limit", async () => {
    expect(await codeOfAsync(() => GZIP.decompress(PACKED, 999))).toBe("rpc/answer-too-large");
  });

  test.each([
    ["cut off", PACKED.subarray(0, -9)],
    ["with a wrong checksum", PACKED.with(PACKED.length - 5, 1)],
    ["in another form", Uint8Array.of(1, 2, 3)],
  ])("refuses a message that is %s", async (_, bytes) => {
    expect(await codeOfAsync(() => GZIP.decompress(bytes, 1000))).toBe("rpc/answer-invalid");
  });
});
