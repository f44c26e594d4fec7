import { describe, expect, test } from "bun:test";
import { resolvePlainScalar } from "../../src/kubernetes/scalar.ts";

describe("resolvePlainScalar()", () => {
  test.each([
    ["yes", true],
    ["Off", false],
    ["y", true],
    ["tRue", "tRue"],
    ["~", null],
    ["", null],
    ["0644", 420],
    ["0o644", 420],
    ["08", 8],
    ["0x1F", 31],
    ["0b101", 5],
    ["-0b101", -5],
    ["0b-1", -1],
    ["1_000", 1000],
    ["12:30", "12:30"],
    ["1e3", 1000],
    [".5", 0.5],
    ["._5", "._5"],
    ["+.5_0", 0.5],
    ["1e400", "1e400"],
    ["-0", 0],
    ["2024-01-01", "2024-01-01"],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["18446744073709551615", 18446744073709551615n],
    ["18446744073709551616", 18446744073709552000],
    ["-9223372036854775809", -9223372036854776000],
    ["+18446744073709551615", 18446744073709552000],
    ["0x10000000000000000", "0x10000000000000000"],
    ["<<", "<<"],
    ["1.2.3", "1.2.3"],
  ])("reads %s as Kubernetes does", (text, value) => {
    expect(resolvePlainScalar(text).value).toEqual(value);
  });

  test.each([
    [".inf", Number.POSITIVE_INFINITY],
    ["+.Inf", Number.POSITIVE_INFINITY],
    ["-.INF", Number.NEGATIVE_INFINITY],
    [".NaN", Number.NaN],
  ])("reads %s as a float that is not finite", (text, value) => {
    expect(resolvePlainScalar(text)).toEqual({ kind: "float", value });
  });
});
