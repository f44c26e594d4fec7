import { stat } from "node:fs/promises";
import { VERSION } from "./build-info.ts";

/**
 * A text that changes with every build of the program, for results that only the same build may take over.
 *
 * @returns undefined when the program runs from source, where nothing tells one state of the code from another
 */
export async function programId(): Promise<string | undefined> {
  if (!Bun.isStandaloneExecutable) return undefined;
  const { size, mtimeMs } = await stat(process.execPath);
  return `${VERSION} ${size} ${mtimeMs}`;
}

/** Where relative paths start from. */
export function workingDirectory(): string {
  return process.cwd();
}

/** How this program is started once more: the executable and what stands before the words of the command line. */
export interface ProgramCommand {
  readonly executable: string;
  readonly args: readonly string[];
}

/** This program: the compiled binary, or the runtime with the entry file where it runs from source. */
export function programCommand(): ProgramCommand {
  // Linux says so where the file was replaced since the start, as by an update: then the new one is meant.
  const executable = process.execPath.replace(/ \(deleted\)$/, "");
  return { executable, args: Bun.isStandaloneExecutable ? [] : [Bun.main] };
}

/** Number of this process, for people and for files; never for sending signals. */
export function processId(): number {
  return process.pid;
}

/** Ends the program without waiting for anything; only for work that did not end when it was asked to. */
export function endProgram(status: number): void {
  process.exit(status);
}

/** Signals that do not end a program that listens to them. */
export type PassedSignal = "SIGHUP" | "SIGQUIT" | "SIGUSR1" | "SIGUSR2";

/**
 * Listens to signals to this process.
 *
 * @returns ends that
 */
export function onSignals(names: readonly PassedSignal[], listener: (name: PassedSignal) => void): () => void {
  const listeners = names.map((name) => ({ name, listener: () => listener(name) }));
  for (const each of listeners) process.on(each.name, each.listener);
  return () => {
    for (const each of listeners) process.off(each.name, each.listener);
  };
}

/** Watches standard input for its end and drops what comes. */
export interface InputWatch {
  /** Aborted when standard input ends: who holds its other side has closed it or is gone. */
  readonly ended: AbortSignal;
  stop(): void;
}

/** Starts such a watch; standard input then belongs to it. */
export function watchEndOfInput(): InputWatch {
  const controller = new AbortController();
  const end = (): void => controller.abort(new Error("standard input has ended"));
  const { stdin } = process;
  stdin.on("end", end).on("close", end).on("error", end).resume();
  return {
    ended: controller.signal,
    stop: () => {
      stdin.off("end", end).off("close", end);
      stdin.pause();
      stdin.destroy();
    },
  };
}
