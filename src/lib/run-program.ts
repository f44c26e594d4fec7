import { spawn } from "node:child_process";
import { ContrastError, messageOf } from "./errors.ts";

/** What a finished program left. */
export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
}

/** What a helper program gets, and its bounds. */
export interface ProgramOptions {
  /** Text for standard input; secrets go here, never into arguments. */
  readonly input: string;
  /** The whole environment; `PATH` finds the program. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a helper program to its end; its standard error is dropped.
 *
 * @throws ContrastError `lib/program-failed` when it cannot be started, is killed, takes too long or writes too much
 */
export function runProgram(name: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ProgramResult>();
  const fail = (fact: string, cause?: unknown): void => {
    reject(new ContrastError("lib/program-failed", `Cannot run "${name}": ${fact}`, { cause }));
  };
  let child;
  try {
    child = spawn(name, [...args], {
      env: { ...options.env } as NodeJS.ProcessEnv,
      stdio: ["pipe", "pipe", "ignore"],
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]),
    });
  } catch (error) {
    fail(messageOf(error), error);
    return promise;
  }
  const started = child;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  started.stdout.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > options.maxOutputBytes) {
      fail(`it wrote more than ${options.maxOutputBytes} bytes`);
      started.kill("SIGKILL");
    } else {
      chunks.push(chunk);
    }
  });
  started.on("error", (error) => fail(messageOf(error), error));
  started.on("close", (exitCode, killer) => {
    if (exitCode === null) fail(`it was ended by ${killer ?? "a signal"}`);
    else resolve({ exitCode, stdout: Buffer.concat(chunks).toString("utf8") });
  });
  // A program that does not read its input closes the pipe; its exit status tells the rest.
  started.stdin.on("error", () => {});
  started.stdin.end(options.input);
  return promise;
}
