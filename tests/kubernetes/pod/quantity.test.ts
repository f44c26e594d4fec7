import { describe, expect, test } from "bun:test";
import { canonicalQuantity, wholeQuantity } from "../../../src/kubernetes/pod/quantity.ts";
import { codeOf } from "../../fakes/error-code.ts";

describe("canonicalQuantity()", () => {
  test.each<[string | number | bigint, string]>([
    [1, "1"],
    [0.5, "500m"],
    ["1024Mi", "1Gi"],
    ["1000m", "1"],
    ["1.5Gi", "1536Mi"],
    ["0.1Ki", "102400m"],
    ["1e3", "1e3"],
    ["129e6", "129e6"],
    ["1000", "1k"],
    [1_000_000n, "1M"],
    ["100Ki", "100Ki"],
    ["1023Ki", "1023Ki"],
    ["-1Gi", "-1Gi"],
    ["+0.250", "250m"],
    ["0Gi", "0"],
    ["1n", "1n"],
    ["0.0000000001", "1n"],
    ["1.0000000001", "1000000001n"],
    ["9Ei", "9223372036854775807"],
    ["1E", "1E"],
    ["1000E", "1e21"],
  ])("writes %s as %s", (quantity, canonical) => {
    expect(canonicalQuantity(quantity)).toBe(canonical);
  });

  test.each(["", "x", "1Zi", "1 Gi", "1_000", "0x10", ".", "Gi", "1e", "1e9999999999", "1".repeat(1001), "--1"])(
    "refuses %j",
    (text) => {
      expect(codeOf(() => canonicalQuantity(text))).toBe("kubernetes/quantity-invalid");
    },
  );
});

describe("wholeQuantity()", () => {
  test.each<[string | number, bigint | undefined]>([
    [1, 1n],
    ["1", 1n],
    ["0", 0n],
    ["1.0", 1n],
    ["2000m", 2n],
    ["2k", 2000n],
    ["1e1", 10n],
    ["1Ki", 1024n],
    ["-3", -3n],
    ["500m", undefined],
    ["1.5", undefined],
    ["1n", undefined],
    ["0.0000000001", undefined],
    ["9e99999999", undefined],
    ["0e99999999", 0n],
    ["9223372036854775807", 9_223_372_036_854_775_807n],
    ["9223372036854775808", undefined],
  ])("of %p is %p", (quantity, whole) => {
    expect(wholeQuantity(quantity)).toBe(whole);
  });
});
