import { describe, expect, test } from "bun:test";
import { createLogger } from "../../src/lib/log.ts";
import { createReadableLog } from "../../src/terminal/readable-log.ts";

function readableLog(minimum: number): {
  readonly lines: readonly string[];
  readonly log: ReturnType<typeof createReadableLog>;
} {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  return {
    lines,
    log: createReadableLog(
      createLogger(minimum, write, () => new Date(0)),
      write,
    ),
  };
}

describe("createReadableLog()", () => {
  test("tells place, message, object and path on a line, values and what helps on lines of their own", () => {
    const { lines, log } = readableLog(4);
    log.warn("bad", { place: "a.yaml:3:7", object: "Pod p", path: "spec", age: 3, gone: undefined, hint: "Fix it." });
    log.error("worse", { path: undefined });
    expect(lines).toEqual(["warning: a.yaml:3:7: bad (Pod p, spec)", "  age: 3", "  Fix it.", "error: worse"]);
  });

  test.each([
    [1, "warning: a: bad, and 1 more place"],
    [2, "warning: a: bad, and 2 more places"],
  ])("counts %d further places", (morePlaces, line) => {
    const { lines, log } = readableLog(4);
    log.warn("bad", { place: "a", morePlaces });
    expect(lines).toEqual([line]);
  });

  test("leaves milder lines to the log", () => {
    const { lines, log } = readableLog(0);
    log.debug("no");
    log.info("yes", { a: 1 });
    expect(lines).toEqual(["time=1970-01-01T00:00:00.000Z level=INFO msg=yes a=1"]);
  });
});
