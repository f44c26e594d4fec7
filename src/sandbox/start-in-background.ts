import { spawn } from "node:child_process";
import { openSync, closeSync } from "node:fs";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { type ProgramCommand, programCommand } from "../lib/program.ts";
import { parseControlAnswer, processesOf } from "./control-client.ts";
import { logTail } from "./log-tail.ts";
import { logPath, type SandboxDirectory } from "./sandbox-directory.ts";

const MAX_ANSWER_CHARACTERS = 1024 * 1024;
const TAIL_LINES = 12;

/**
 * Starts the supervisor as a process of its own, away from the terminal, and waits until it says that everything runs.
 *
 * @param env that of the user; the roles get only a part of it
 * @throws ContrastError what the supervisor answers, or `sandbox/supervisor-failed`; `lib/interrupted` after Ctrl-C,
 *   and then nothing is left running
 */
export async function startInBackground(
  directory: SandboxDirectory,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  program: ProgramCommand = programCommand(),
): Promise<void> {
  // An end that was asked for before is not told again.
  signal.throwIfAborted();
  const logFile = logPath(directory, "supervisor");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const log = openSync(logFile, "a", 0o600);
  try {
    const words = ["sandbox", "supervise", "--log-level=info", "--directory", directory.path];
    const child = spawn(program.executable, [...program.args, ...words], {
      cwd: directory.path,
      env: { ...env },
      detached: true,
      stdio: ["ignore", "pipe", log],
    });
    const { stdout } = child;
    if (stdout === null) throw new ContrastError("lib/internal", "Cannot start the sandbox: there is no pipe");
    let text = "";
    stdout.setEncoding("utf8");
    stdout.on("data", (chunk: string) => {
      text += chunk;
      if (text.includes("\n") || text.length > MAX_ANSWER_CHARACTERS) resolve(text);
    });
    stdout.on("error", () => {});
    child.on("error", reject);
    child.on("close", () => reject(new Error("it ended without an answer")));
    const interrupt = (): void => {
      child.kill("SIGTERM");
      reject(signal.reason);
    };
    signal.addEventListener("abort", interrupt);
    promise
      .catch(() => {})
      .finally(() => {
        signal.removeEventListener("abort", interrupt);
        stdout.destroy();
        child.unref();
      });
  } finally {
    closeSync(log);
  }
  processesOf(await answerOf(promise, logFile, signal));
}

async function answerOf(
  line: Promise<string>,
  logFile: string,
  signal: AbortSignal,
): Promise<ReturnType<typeof parseControlAnswer>> {
  try {
    return parseControlAnswer(await line);
  } catch (error) {
    if (signal.aborted) throw error;
    const lines = await logTail(logFile, TAIL_LINES);
    throw new ContrastError("sandbox/supervisor-failed", `Cannot start the sandbox: ${messageOf(error)}`, {
      cause: error,
      hint: `Look at the log "${logFile}".`,
      report: { lines, json: { log: lines } },
    });
  }
}
