import { describe, expect, test } from "bun:test";
import { errorChainOf } from "../../src/cli/error-chain.ts";
import { explainedCode } from "../../src/cli/explained-code.ts";
import { ERROR_EXPLANATIONS } from "../../src/lib/error-explanations.ts";
import { ContrastError } from "../../src/lib/errors.ts";

describe("explainedCode()", () => {
  test("is the innermost code, where something explains it", async () => {
    const cause = new ContrastError("atls/no-evidence", "no evidence", { cause: new TypeError("x") });
    expect(await explainedCode(errorChainOf(new ContrastError("lib/internal", "set", { cause })))).toBe(
      "atls/no-evidence",
    );
  });

  test.each([new ContrastError("lib/json-invalid", "Cannot read"), new TypeError("x")])(
    "of %p is nothing",
    async (error) => {
      expect(await explainedCode(errorChainOf(error))).toBeUndefined();
    },
  );

  test("leaves out no explanation that exists", () => {
    expect(Object.keys(ERROR_EXPLANATIONS).filter((code) => code.startsWith("terminal/"))).toEqual([]);
  });
});
