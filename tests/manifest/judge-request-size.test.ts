import { describe, expect, test } from "bun:test";
import { judgeRequestSize, hintForLimit } from "../../src/manifest/judge-request-size.ts";

const MIB = 1024 * 1024;

describe("judgeRequestSize()", () => {
  test.each([
    [4 * MIB, undefined],
    [4 * MIB + 1, { isRefused: false, limitBytes: 4 * MIB }],
    [64 * MIB, { isRefused: false, limitBytes: 4 * MIB }],
    [64 * MIB + 1, { isRefused: false, limitBytes: 64 * MIB }],
    [128 * MIB, { isRefused: false, limitBytes: 64 * MIB }],
    [128 * MIB + 1, { isRefused: true, limitBytes: 128 * MIB }],
  ])("compares %d bytes with what Coordinators take", (bytes, expected) => {
    const advice = judgeRequestSize({ bytes, policies: 2 });
    if (expected === undefined) expect(advice).toBeUndefined();
    else expect(advice).toMatchObject(expected);
  });

  test("names sizes, the number of policies, and what to do", () => {
    const { message, hint } = judgeRequestSize({ bytes: 70 * MIB, policies: 1200 })!;
    expect(message).toBe(
      "the manifest and 1200 policies have 70 MiB together; unless it is told otherwise, a Coordinator takes 64 MiB in one request",
    );
    expect(hint).toContain("--max-request-mib up to 128");
  });
});

describe("hintForLimit()", () => {
  test("gives another hint for each kind of Coordinator", () => {
    const hints = [4 * MIB, 64 * MIB, 128 * MIB].map(hintForLimit);
    expect(new Set(hints).size).toBe(3);
    expect(hints.map((hint) => hint.includes("--max-request-mib"))).toEqual([true, true, false]);
  });
});
