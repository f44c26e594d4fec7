import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { parseIpAddress } from "../../src/lib/ip-address.ts";

const SEED = 20_261_123;

describe("parseIpAddress()", () => {
  test.each([
    ["192.0.2.1", "c0000201"],
    ["0.0.0.0", "00000000"],
    ["255.255.255.255", "ffffffff"],
    ["::", "0".repeat(32)],
    ["::1", "1".padStart(32, "0")],
    ["1::", "0001".padEnd(32, "0")],
    ["2001:DB8::a:0:1", "20010db8000000000000000a00000001"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["64:ff9b::192.0.2.1", "0064ff9b0000000000000000c0000201"],
    ["::ffff:192.0.2.1", "c0000201"],
    ["::ffff:c000:201", "c0000201"],
    ["::192.0.2.1", "c0000201".padStart(32, "0")],
  ])("reads %s", (text, hex) => {
    expect(parseIpAddress(text)?.toHex()).toBe(hex);
  });

  test.each([
    "",
    "web",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "256.0.0.1",
    " 1.2.3.4",
    "1.2.3.4/8",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "[::1]",
    "::1.2.3",
  ])("refuses %j", (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });

  test("reads every address that is written out or shortened", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        fc.pre(!bytes.toHex().startsWith("00000000000000000000ffff"));
        const groups = bytes.toHex().match(/.{4}/g)!;
        expect(parseIpAddress(groups.join(":"))).toEqual(bytes);
        expect(parseIpAddress(new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1))).toEqual(bytes);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});
