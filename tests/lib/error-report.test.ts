import { describe, expect, test } from "bun:test";
import { withReportJson } from "../../src/lib/error-report.ts";
import { ContrastError } from "../../src/lib/errors.ts";

describe("withReportJson()", () => {
  test("adds to the innermost report, which is the one that is printed", () => {
    const report = { lines: ["row"], json: { verdict: 1 } };
    const inner = new ContrastError("attestation/rejected", "inner", { report, hint: "h", details: { a: 1 } });
    const outer = new ContrastError("attestation/rejected", "outer", { cause: inner });
    const marked = withReportJson(outer, { insecure: true });
    expect(marked).toMatchObject({ message: "outer", report: undefined, code: "attestation/rejected" });
    expect(marked.cause).toMatchObject({
      message: "inner",
      hint: "h",
      details: { a: 1 },
      report: { lines: ["row"], json: { verdict: 1, insecure: true } },
    });
  });

  test("makes a report where there is none", () => {
    const error = new ContrastError("rpc/timeout", "m", { cause: new Error("c"), hint: "h" });
    const marked = withReportJson(error, { insecure: true });
    expect(marked).toMatchObject({ message: "m", hint: "h", report: { lines: [], json: { insecure: true } } });
    expect(marked.cause).toBe(error.cause);
  });
});
