import { describe, expect, test } from "bun:test";
import { runProgram } from "../../src/lib/run-program.ts";
import { codeOfAsync } from "../fakes/error-code.ts";

const options = {
  input: "",
  env: { PATH: "/usr/bin:/bin" },
  timeoutMs: 5000,
  maxOutputBytes: 1000,
  signal: new AbortController().signal,
};

describe("runProgram()", () => {
  test("passes input and environment and returns output and exit status", async () => {
    const result = await runProgram("sh", ["-c", 'cat; echo " $NAME"; exit 3'], {
      ...options,
      input: "from input",
      env: { ...options.env, NAME: "value" },
    });
    expect(result).toEqual({ exitCode: 3, stdout: "from input value\n" });
  });

  test("does not mind a program that reads no input", async () => {
    const result = await runProgram("true", [], { ...options, input: "x".repeat(1_000_000) });
    expect(result.exitCode).toBe(0);
  });

  test.each<[string, string[], Partial<typeof options>]>([
    ["is not there", ["no-such-program"], {}],
    ["takes too long", ["sleep", "60"], { timeoutMs: 20 }],
    ["writes too much", ["yes"], {}],
    ["is interrupted", ["sleep", "60"], { signal: AbortSignal.abort() }],
  ])("rejects a program that %s", async (_, [name, ...args], change) => {
    expect(await codeOfAsync(() => runProgram(name!, args, { ...options, ...change }))).toBe("lib/program-failed");
  });
});
