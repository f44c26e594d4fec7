import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { fixtureBinary } from "./binary.ts";
import { runBash, runBinary, type Outcome, type RunOptions } from "./run-binary.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

async function sample(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return await runBinary(args, { ...options, binary: await fixtureBinary("sample-main") });
}

async function inBash(script: string, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return await runBash(script, { env, binary: await fixtureBinary("sample-main") });
}

describe("standard output", () => {
  test.each(["lines 50000", "block 5000000"])("gets all 5 MB of %s through a slow pipe", async (args) => {
    const { stdout, stderr } = await inBash(`"$PROGRAM" ${args} | (sleep 0.2; wc -c); echo "\${PIPESTATUS[0]}"`);
    expect([stdout.trim(), stderr]).toEqual(["5000000\n0", ""]);
  });

  test.each(["lines 50000", "block 5000000"])("gets all 5 MB of %s in a file", async (args) => {
    const { stdout } = await inBash(`"$PROGRAM" ${args} > out; wc -c < out`);
    expect(stdout.trim()).toBe("5000000");
  });

  test("may be closed by its reader: no message, the status of the command", async () => {
    const { stdout, stderr } = await inBash('"$PROGRAM" lines 50000 | head -1 | wc -c; echo "${PIPESTATUS[0]}"');
    expect([stdout.trim(), stderr]).toEqual(["100\n0", ""]);
  });

  test("that is full is an error", async () => {
    const { stdout, stderr } = await inBash('"$PROGRAM" lines 3 > /dev/full; echo $?');
    expect(stdout.trim()).toBe("1");
    expect(stderr).toStartWith("Error: Cannot write to standard output: ");
  });

  test("that is full has the class of an output error in JSON mode", async () => {
    const { stdout } = await inBash('"$PROGRAM" lines 3 --format json > /dev/full; echo $?');
    expect(stdout.trim()).toBe("7");
  });

  test("that is full does not hide the command's own error", async () => {
    const { stdout, stderr } = await inBash('"$PROGRAM" verdict > /dev/full; echo $?');
    expect(stdout.trim()).toBe("1");
    expect(stderr).toContain("Cannot agree");
    expect(stderr).toContain("standard output");
  });

  test("never gets control characters of a line raw", async () => {
    expect((await sample(["raw-line"])).stdout).toBe("\\u001b[31mred\n");
  });
});

describe("standard input", () => {
  test("is read to its end, byte for byte", async () => {
    const stdin = new Uint8Array(3_000_000).fill(120);
    const { stdout, status } = await sample(["echo", "3000000"], { stdin });
    expect([stdout.length, status]).toEqual([3_000_000, 0]);
  });

  test("that is too large is refused, also when it never ends", async () => {
    const { stdout, stderr } = await inBash('"$PROGRAM" echo 1000 < /dev/zero; echo $?');
    expect(stdout.trim()).toBe("1");
    expect(stderr).toContain("more than 1000 bytes");
  });

  test("that cannot be read is an error", async () => {
    const { stdout } = await inBash('"$PROGRAM" echo 1000 --format json < / ; echo $?');
    const [error = "", status] = stdout.trim().split("\n");
    expect(JSON.parse(error)).toMatchObject({ code: "cli/input-failed" });
    expect(status).toBe("7");
  });
});

describe("errors", () => {
  test("of a command go to standard error, problem by problem", async () => {
    expect(await sample(["problems"])).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "Error: Cannot patch: 2 problems\n  a.yml:3:5: one\n    Fix it.\n  b.yml: two \\u001b[31m\n",
    });
  });

  test("are one JSON object on standard output where asked for", async () => {
    const { stdout, status, stderr } = await sample(["problems", "--format", "json"]);
    expect(status).toBe(7);
    expect(stderr).toContain("Error: Cannot patch");
    expect(JSON.parse(stdout)).toMatchObject({ schema: "contrast/error/v1", ok: false, findings: [{ line: 3 }, {}] });
  });

  test("after the command's own JSON object add nothing to standard output", async () => {
    const { stdout, status } = await sample(["verdict", "--format=json"]);
    expect([JSON.parse(stdout), status]).toEqual([{ schema: "contrast/sample/v1", ok: false }, 7]);
  });

  test("that are defects show a stack of original file names", async () => {
    const { stderr, status } = await sample(["defect"]);
    expect(status).toBe(1);
    expect(stderr).toStartWith("Error: internal error: broken rule\n");
    expect(stderr).toContain("sample-main.ts");
    expect((await sample(["defect", "--format", "json"])).status).toBe(70);
  });

  test.each(["callback", "rejection"])("that nobody catches (%s) end the program with a report", async (name) => {
    const { stdout, stderr, status } = await sample([name]);
    expect([stdout, status]).toEqual(["started\n", 1]);
    expect(stderr).toStartWith("Error: ");
  });

  test("include a command that never ends although nothing is left to do", async () => {
    const { stderr, status } = await sample(["silent"]);
    expect([status, stderr]).toEqual([
      1,
      "Error: internal error: the program ran out of work before its command was finished\n",
    ]);
  });
});

describe("colour", () => {
  test("is left out where standard error is no terminal", async () => {
    expect((await sample(["problems"])).stderr).not.toContain("\u001b");
  });

  test("follows FORCE_COLOR and NO_COLOR", async () => {
    expect((await sample(["problems"], { env: { FORCE_COLOR: "1" } })).stderr).toStartWith(
      "\u001b[1;31mError:\u001b[0m",
    );
    const both = { FORCE_COLOR: "1", NO_COLOR: "1" };
    expect((await sample(["problems"], { env: both })).stderr).not.toContain("\u001b");
  });

  test("is used on a terminal", async () => {
    const { stdout } = await inBash('script -qec "$PROGRAM problems" /dev/null', { TERM: "xterm" });
    expect(stdout).toContain("\u001b[1;31mError:\u001b[0m");
  });
});

describe("progress", () => {
  test("leaves no trace where standard error is no terminal", async () => {
    expect(await sample(["progress"])).toMatchObject({ stdout: "between\n", stderr: "", status: 0 });
  });

  test("is drawn and taken away on a terminal", async () => {
    const { stdout } = await inBash('script -qec "$PROGRAM progress" /dev/null', { TERM: "xterm" });
    expect(stdout).toContain("[##########          ]  50%");
    expect(stdout).toEndWith("\u001b[1A\r\u001b[Jbetween\r\n");
  });
});

describe("--log-level", () => {
  test.each([
    [
      ["--log-level", "DEBUG"],
      ["debug", "info", "warn", "error"],
    ],
    [["--log-level="], ["info", "warn", "error"]],
    [["--log-level", "8"], ["error"]],
    [["--log-level=-3"], ["info", "warn", "error"]],
  ])("%j writes the lines of %j to standard error", async (flags, levels) => {
    const { stderr, stdout } = await sample(["levels", ...flags]);
    const lines = stderr.trim().split("\n");
    expect(stdout).toBe("");
    expect(lines.map((line) => /^time=\S+Z level=(\w+) msg=\w+ value="a b"$/.exec(line)?.[1]?.toLowerCase())).toEqual(
      levels,
    );
  });

  test("is not given: warnings and errors are told for people, and logged beside JSON", async () => {
    const { stderr } = await sample(["levels"]);
    expect(stderr).toBe("warning: warn\n  value: a b\nerror: error\n  value: a b\n");
    const json = await sample(["levels", "--format", "json"]);
    expect(json.stderr.match(/level=\w+/g)).toEqual(["level=WARN", "level=ERROR"]);
  });

  test("that is neither name nor number is refused without usage text", async () => {
    expect(await sample(["levels", "--log-level", "loud"])).toMatchObject({
      status: 1,
      stdout: "",
      stderr: 'Error: invalid log level: "loud", want debug, info, warn, error or an integer\n',
    });
  });
});
