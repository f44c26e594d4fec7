import { spawn } from "node:child_process";
import { constants } from "node:os";
import { ContrastError, messageOf } from "./errors.ts";
import { onSignals, type PassedSignal } from "./program.ts";

/** What a finished program left. */
export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  /** Its standard error as one line of at most 300 characters, for messages; undefined where it was silent or dropped. */
  readonly complaint?: string | undefined;
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
  /** Whether its standard error is read. Not for programs that leave others behind, which would keep it open. */
  readonly isHeard?: boolean;
}

const MAX_COMPLAINT_CHARACTERS = 300;

/**
 * Runs a helper program to its end; its standard error is dropped unless asked for.
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
      stdio: ["pipe", "pipe", options.isHeard === true ? "pipe" : "ignore"],
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]),
    });
  } catch (error) {
    fail(messageOf(error), error);
    return promise;
  }
  const started = child;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  started.stdout?.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > options.maxOutputBytes) {
      fail(`it wrote more than ${options.maxOutputBytes} bytes`);
      started.kill("SIGKILL");
    } else {
      chunks.push(chunk);
    }
  });
  let complaint = "";
  started.stderr?.on("data", (chunk: Buffer) => {
    if (complaint.length < MAX_COMPLAINT_CHARACTERS) complaint += chunk.toString("utf8");
  });
  started.on("error", (error) => fail(messageOf(error), error));
  started.on("close", (exitCode, killer) => {
    if (exitCode === null) fail(`it was ended by ${killer ?? "a signal"}`);
    else resolve({ exitCode, stdout: Buffer.concat(chunks).toString("utf8"), complaint: oneLine(complaint) });
  });
  // A program that does not read its input closes the pipe; its exit status tells the rest.
  started.stdin?.on("error", () => {});
  started.stdin?.end(options.input);
  return promise;
}

function oneLine(text: string): string | undefined {
  const line = text.trim().replaceAll(/\s+/g, " ").slice(0, MAX_COMPLAINT_CHARACTERS);
  return line === "" ? undefined : line;
}

/** How a program runs in place of this one. */
export interface AttachedOptions {
  /** The whole environment; `PATH` finds the program. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks the program to end. */
  readonly signal: AbortSignal;
  /** Signals to this process that the program gets in its place. */
  readonly forwarded?: readonly PassedSignal[];
}

/** What a shell adds to the number of a signal. */
const SIGNAL_STATUS_BASE = 128;

/**
 * Runs a program with the standard streams and the working directory of this one to its end.
 *
 * @returns its exit status, or 128 and the number of the signal that ended it, as in a shell
 * @throws ContrastError `lib/program-failed` when it cannot be started
 */
export function runAttached(
  name: string,
  args: readonly string[],
  { env, signal, forwarded = [] }: AttachedOptions,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(name, [...args], { env: { ...env } as NodeJS.ProcessEnv, stdio: "inherit" });
  const forward = (): void => void child.kill("SIGTERM");
  signal.addEventListener("abort", forward);
  const stopForwarding = onSignals(forwarded, (name) => void child.kill(name));
  child.on("error", (error) => {
    reject(new ContrastError("lib/program-failed", `Cannot run "${name}": ${messageOf(error)}`, { cause: error }));
  });
  child.on("close", (status, killer) => {
    resolve(status ?? SIGNAL_STATUS_BASE + (killer === null ? 0 : constants.signals[killer]));
  });
  return promise.finally(() => {
    signal.removeEventListener("abort", forward);
    stopForwarding();
  });
}
