import { describe, expect, test } from "bun:test";
import { decodeBase64, encodeBase64 } from "../../src/lib/base64.ts";

describe("encodeBase64()", () => {
  test("encodes texts as UTF-8 and only the visible part of a buffer", () => {
    expect(encodeBase64("ä?>")).toBe("w6Q/Pg==");
    expect(encodeBase64(Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4))).toBe("AQID");
  });
});

describe("decodeBase64()", () => {
  test("gives back what was encoded, line breaks aside", () => {
    expect(decodeBase64("AQ\r\nID\n")).toEqual(Uint8Array.of(1, 2, 3));
    expect(decodeBase64("")).toEqual(new Uint8Array(0));
  });
  test.each(["AQI", "AQ=", "AQ==AQ==", "AQ D", "AQ-_", "=", "A"])("refuses %j", (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });
});
