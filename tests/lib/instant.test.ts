import { describe, expect, test } from "bun:test";
import { parseInstant, renderInstant } from "../../src/lib/instant.ts";

describe("parseInstant()", () => {
  test.each([
    ["2026-01-02T12:00:00Z", "2026-01-02T12:00:00.000Z"],
    ["2026-01-02T12:00:00.25+01:30", "2026-01-02T10:30:00.250Z"],
    ["2026-01-02", "2026-01-02T00:00:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
  ])("reads %s", (text, time) => {
    expect(parseInstant(text)?.toISOString()).toBe(time);
  });

  test.each([
    "",
    "now",
    "1767355200",
    "2026-01-02T12:00:00",
    "2026-01-02 12:00:00Z",
    "2026-01-02T12:00Z",
    "2026-02-29",
    "2026-04-31T00:00:00Z",
    "2026-13-01",
    "2026-01-02T24:00:00Z",
    "2026-01-02T23:59:60Z",
    "2026-01-02Z",
  ])("makes nothing of %j", (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

describe("renderInstant()", () => {
  test.each([
    ["2025-06-01T12:30:00.000Z", "2025-06-01T12:30:00Z"],
    ["2025-06-01T12:30:00.250Z", "2025-06-01T12:30:00.250Z"],
  ])("writes %s as %s", (instant, text) => {
    expect(renderInstant(new Date(instant))).toBe(text);
  });
});
