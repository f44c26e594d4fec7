import { describe, expect, test } from "bun:test";
import { createLogger, LOG_LEVELS } from "../../src/lib/log.ts";

describe("createLogger()", () => {
  const noon = (): Date => new Date("2026-01-02T12:00:00.000Z");

  test("renders time, level, text and pairs", () => {
    const lines: string[] = [];
    const log = createLogger(LOG_LEVELS.info, (line) => lines.push(line), noon);
    log.warn("using cached image", { reference: "a/b:c", age: 3, missing: undefined, note: 'two "words"' });
    expect(lines).toEqual([
      'time=2026-01-02T12:00:00.000Z level=WARN msg="using cached image" reference=a/b:c age=3 note="two \\"words\\""',
    ]);
  });

  test("drops lines below the minimum", () => {
    const lines: string[] = [];
    const log = createLogger(LOG_LEVELS.warn, (line) => lines.push(line), noon);
    log.debug("a");
    log.info("b");
    log.error("c");
    expect(lines).toHaveLength(1);
  });

  test("never lets through what reorders a line, or looks like the end of one", () => {
    const lines: string[] = [];
    createLogger(LOG_LEVELS.debug, (line) => lines.push(line), noon).info("x", { value: "ok\u202e\u2028level" });
    expect(lines[0]).toEndWith(' value="ok\\u202e\\u2028level"');
  });

  test("never lets control characters through", () => {
    const lines: string[] = [];
    createLogger(LOG_LEVELS.debug, (line) => lines.push(line), noon).info("x", { value: "a\u001b[2Jb\u0007\n\u009b" });
    expect(lines[0]).not.toMatch(/\p{Cc}/u);
  });
});
