import { describe, expect, test } from "bun:test";
import { summarizeRefusal } from "../../src/attestation/summarize-refusal.ts";
import { type Check, concludeVerdict } from "../../src/attestation/verdict.ts";

const PASSED: Check = { id: "ok", subject: "Fine", outcome: "passed" };
const FAILED: Check = { id: "bad", subject: "MEASUREMENT", outcome: "failed", expected: "aa", actual: "bb" };
const UNKNOWN: Check = { id: "open", subject: "CRL", outcome: "unknown", reason: "nobody answers" };

function summaryOf(checks: readonly Check[], entry: readonly Check[] = [PASSED]): string {
  return summarizeRefusal(
    concludeVerdict({}, [{ name: "authenticity", checks }], [{ name: "snp-0-MILAN", checks: entry }]),
  );
}

describe("summarizeRefusal()", () => {
  test("names what was refused and by which entry, and nothing else", () => {
    expect(summaryOf([PASSED, UNKNOWN], [FAILED, PASSED])).toBe("snp-0-MILAN: MEASUREMENT, got bb, want aa");
    expect(summaryOf([{ ...FAILED, reason: "it is another" }])).toBe(
      "authenticity: MEASUREMENT, it is another, got bb, want aa",
    );
    expect(summaryOf([{ ...PASSED, outcome: "failed" }])).toBe("authenticity: Fine");
  });

  test("names what could not be checked where nothing was refused", () => {
    expect(summaryOf([PASSED, UNKNOWN])).toBe("authenticity: CRL, nobody answers");
  });

  test("stays one short line whatever the evidence says", () => {
    const long = { ...FAILED, actual: `\n\u001b[31m${"x".repeat(5000)}` };
    const text = summaryOf(Array.from({ length: 50 }, () => long));
    expect(text).toMatch(/^[ -~…]+$/);
    expect(text).toEndWith("; and 44 more");
    expect(text.length).toBeLessThan(3000);
  });
});
