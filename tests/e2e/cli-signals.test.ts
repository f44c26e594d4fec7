import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { fixtureBinary } from "./binary.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

interface Running {
  readonly child: Bun.Subprocess<"pipe", "pipe", "pipe">;
  /** Everything written to standard output so far, as soon as it holds `text`. */
  readonly outputWith: (text: string) => Promise<string>;
  readonly errors: () => Promise<string>;
}

async function start(...args: readonly string[]): Promise<Running> {
  const home = temporaryDirectory();
  const child = Bun.spawn([await fixtureBinary("sample-main"), ...args], {
    cwd: home,
    env: { PATH: "/usr/bin:/bin", HOME: home },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let output = "";
  return {
    child,
    async outputWith(text) {
      while (!output.includes(text)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`output ended without ${JSON.stringify(text)}: ${JSON.stringify(output)}`);
        output += decoder.decode(value, { stream: true });
      }
      return output;
    },
    errors: async () => await new Response(child.stderr).text(),
  };
}

describe("interrupt", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("%s tells so, stops the command and fails", async (signal) => {
    const { child, outputWith, errors } = await start("wait");
    await outputWith("waiting\n");
    child.kill(signal);
    expect(await outputWith("at once.\n")).toStartWith(`waiting\n\rCaught ${signal}`);
    await child.exited;
    expect([child.exitCode, child.signalCode, await errors()]).toEqual([1, null, "Error: interrupted\n"]);
  });

  test("has the status 130 in JSON mode, and the sentence stays out of the result", async () => {
    const { child, outputWith, errors } = await start("wait", "--format", "json");
    await outputWith("waiting\n");
    child.kill("SIGINT");
    await child.exited;
    expect(child.exitCode).toBe(130);
    expect(await errors()).toContain("Caught SIGINT");
  });

  test("stops a command that waits for standard input", async () => {
    const { child, outputWith } = await start("patient-echo");
    await outputWith("waiting\n");
    child.kill("SIGINT");
    await child.exited;
    expect([child.exitCode, child.signalCode]).toEqual([1, null]);
  });

  test("twice ends a command that does not listen, as the signal does by default", async () => {
    const { child, outputWith } = await start("stuck");
    await outputWith("waiting\n");
    child.kill("SIGINT");
    await outputWith("Caught SIGINT");
    child.kill("SIGINT");
    await child.exited;
    expect([child.exitCode, child.signalCode]).toEqual([null, "SIGINT"]);
  });
});
