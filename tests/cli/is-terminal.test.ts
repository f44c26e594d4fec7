import { describe, expect, test } from "bun:test";
import { isTerminal } from "../../src/cli/is-terminal.ts";

describe("isTerminal()", () => {
  test.each([[1, process.stdout] as const, [2, process.stderr] as const])(
    "knows what descriptor %d is",
    (descriptor, stream) => {
      const isTty = stream.isTTY as boolean | undefined;
      expect(isTerminal(descriptor)).toBe(isTty ?? false);
    },
  );
});
