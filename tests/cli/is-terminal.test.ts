import { describe, expect, test } from "bun:test";
import { isTerminal } from "../../src/cli/is-terminal.ts";

describe("isTerminal()", () => {
  test.each([[1, process.stdout.isTTY] as const, [2, process.stderr.isTTY] as const])(
    "knows what descriptor %d is",
    (descriptor, expected) => {
      expect(isTerminal(descriptor)).toBe(expected === true);
    },
  );
});
