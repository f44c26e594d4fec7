import { describe, expect, test } from "bun:test";
import { parseRetryAfter } from "../../src/lib/retry-after.ts";

const NOW = new Date("2026-01-02T12:00:00Z");

describe("parseRetryAfter()", () => {
  test.each([
    ["0", 0],
    ["20", 20_000],
    ["999999999", 86_400_000],
    ["Fri, 02 Jan 2026 12:00:30 GMT", 30_000],
    ["Fri, 02 Jan 2026 11:00:00 GMT", 0],
    ["Fri, 02 Jan 2099 12:00:30 GMT", 86_400_000],
  ])("reads %j", (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });

  test.each([null, "", "-1", "1.5", "soon", "2026-01-02T12:00:30Z", "Fri, 99 Jan 2026 12:00:30 GMT", "9999999999"])(
    "makes nothing of %j",
    (header) => {
      expect(parseRetryAfter(header, NOW)).toBeUndefined();
    },
  );
});
