import { describe, expect, test } from "bun:test";
import { Code } from "@connectrpc/connect";
import { statusOf } from "../../src/coordinator/status-of.ts";
import { ContrastError } from "../../src/lib/errors.ts";

describe("statusOf()", () => {
  test("tells nothing about errors that are no ContrastError", () => {
    const status = statusOf(new Error("inner"), Code.Internal);
    expect([status.code, status.rawMessage]).toEqual([Code.Internal, "internal error"]);
  });

  test("tells the causes too", () => {
    const cause = new ContrastError("coordinator/history-corrupt", "Cannot read x");
    const error = new ContrastError("coordinator/history-failed", "Cannot go on", { cause });
    const status = statusOf(error, Code.Unknown);
    expect([status.code, status.rawMessage]).toEqual([Code.Internal, "Cannot go on: Cannot read x"]);
  });

  test.each(["", "a"])("cuts long texts to what a header can carry (%p)", (lead) => {
    const { rawMessage } = statusOf(new ContrastError("lib/internal", lead + "😀".repeat(3000)), Code.Unknown);
    expect(rawMessage).toHaveLength(4097);
    expect(decodeURIComponent(encodeURIComponent(rawMessage))).toBe(rawMessage);
  });

  test("has a fallback for other codes", () => {
    const error = new ContrastError("lib/internal", "Cannot");
    expect(statusOf(error, Code.Unknown).code).toBe(Code.Unknown);
  });
});
