import { describe, expect, test } from "bun:test";
import { parseLogLevel } from "../../src/terminal/log-level.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("parseLogLevel()", () => {
  test.each([
    ["debug", -4],
    ["INFO", 0],
    ["Warn", 4],
    ["error", 8],
    ["", 0],
    ["-4", -4],
    ["+2", 2],
    ["12", 12],
  ])("reads %j as %d", (text, level) => {
    expect(parseLogLevel(text)).toBe(level);
  });

  test.each(["verbose", "1.5", " info", "0x4", "debug+1", "99999999999999999999"])("rejects %j", (text) => {
    expect(codeOf(() => parseLogLevel(text))).toBe("terminal/invalid-log-level");
  });
});
