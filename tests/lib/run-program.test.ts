import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runAttached, runProgram } from "../../src/lib/run-program.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { until } from "../fakes/until.ts";

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

  test("gives the standard error as one line where it is asked for, and drops it elsewhere", async () => {
    const script = 'echo " no  such" >&2; echo device >&2; echo out';
    const heard = await runProgram("sh", ["-c", script], { ...options, isHeard: true });
    expect(heard).toEqual({ exitCode: 0, stdout: "out\n", complaint: "no such device" });
    expect((await runProgram("sh", ["-c", script], options)).complaint).toBeUndefined();
    const loud = await runProgram("sh", ["-c", "yes | head -c 1000000 >&2"], { ...options, isHeard: true });
    expect(loud.complaint?.length).toBe(300);
    expect((await runProgram("true", [], { ...options, isHeard: true })).complaint).toBeUndefined();
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

describe("runAttached()", () => {
  const run = async (script: string, signal = new AbortController().signal): Promise<number> =>
    await runAttached("/bin/sh", ["-c", script], { env: { PATH: "/usr/bin:/bin", GREETING: "hello" }, signal });

  test("passes on the exit status, and 128 and the number of a signal", async () => {
    expect(await run('test "$GREETING" = hello')).toBe(0);
    expect(await run("exit 7")).toBe(7);
    expect(await run("kill -9 $$")).toBe(128 + 9);
  });

  test("asks the program to end when it is asked to", async () => {
    const controller = new AbortController();
    const ready = join(temporaryDirectory(), "ready");
    const status = run(`trap 'exit 5' TERM; : >${ready}; while :; do sleep 0.01; done`, controller.signal);
    await until(async () => existsSync(ready));
    controller.abort();
    expect(await status).toBe(5);
  });

  test("passes on the signals that it is told to, for as long as the program runs", async () => {
    const before = process.listenerCount("SIGUSR2");
    const ready = join(temporaryDirectory(), "ready");
    const script = `trap 'exit 6' USR2; : >${ready}; while :; do sleep 0.01; done`;
    const { signal } = new AbortController();
    const status = runAttached("/bin/sh", ["-c", script], { env: options.env, signal, forwarded: ["SIGUSR2"] });
    await until(async () => existsSync(ready));
    process.kill(process.pid, "SIGUSR2");
    expect(await status).toBe(6);
    expect(process.listenerCount("SIGUSR2")).toBe(before);
  });

  test("says that a program is not there", async () => {
    const options = { env: {}, signal: new AbortController().signal };
    expect(await codeOfAsync(() => runAttached("/nowhere/program", [], options))).toBe("lib/program-failed");
  });
});
