import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { messageOf } from "../lib/errors.ts";
import type { ProgramCommand } from "../lib/program.ts";

/** What to run, and where its output goes. */
export interface RoleCommand {
  /** Such as `coordinator` or `deployment-web`. */
  readonly name: string;
  readonly role: "coordinator" | "initializer";
  readonly program: ProgramCommand;
  /** Words behind those of the program. */
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logPath: string;
}

/**
 * `finished` is an Initializer that has done its work; `crashed` is everything that ended without having been asked to.
 */
export type RoleState = "running" | "finished" | "crashed" | "stopped";

/** How long a process may take to end in good order, longer than the Coordinator gives its last calls. */
const STOP_TIMEOUT_MS = 25_000;

/**
 * A process of the sandbox. It holds the read end of a pipe as standard input and ends with it, so that nothing is left
 * when this process is gone, however that happens. Nothing is ever restarted without having been asked for.
 */
export class RoleProcess {
  readonly command: RoleCommand;
  readonly #now: () => Date;
  readonly #onChange: (process: RoleProcess) => void;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #state: RoleState = "stopped";
  #isStopping = false;
  #outcome = "";
  #restarts = 0;
  #since: Date;

  /** @param onChange called after each change of state */
  constructor(command: RoleCommand, now: () => Date, onChange: (process: RoleProcess) => void) {
    this.command = command;
    this.#now = now;
    this.#onChange = onChange;
    this.#since = now();
  }

  get state(): RoleState {
    return this.#state;
  }

  /** Number of the process while it runs. */
  get pid(): number | undefined {
    return this.#state === "running" ? this.#child?.pid : undefined;
  }

  /** How it ended, such as `exit status 1`; empty while it runs. */
  get outcome(): string {
    return this.#outcome;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Time of the last change of state. */
  get since(): Date {
    return this.#since;
  }

  /** Settles when the process that runs now has ended; never rejects. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Starts the process; one that cannot be started is `crashed` at once. */
  start(): void {
    const { program, args, env, logPath } = this.command;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    this.#isStopping = false;
    this.#outcome = "";
    const end = (state: RoleState, outcome: string): void => {
      this.#outcome = outcome;
      this.#change(state);
      resolve();
    };
    let log: number | undefined;
    try {
      log = openSync(logPath, "a", 0o600);
      const child = spawn(program.executable, [...program.args, ...args], {
        env: { ...env },
        stdio: ["pipe", log, log],
      });
      this.#child = child;
      child.on("error", (error) => end("crashed", messageOf(error)));
      child.on("exit", (status, killer) => {
        const outcome = status === null ? `ended by ${killer ?? "a signal"}` : `exit status ${status}`;
        end(this.#endState(status), outcome);
      });
      child.stdin?.on("error", () => {});
      this.#change("running");
    } catch (error) {
      end("crashed", messageOf(error));
    } finally {
      if (log !== undefined) closeSync(log);
    }
  }

  /** Closes the standard input of the process and waits for its end; what does not end is killed. */
  async stop(): Promise<void> {
    if (this.#state !== "running") return;
    const child = this.#child;
    this.#isStopping = true;
    child?.stdin?.end();
    const timer = setTimeout(() => child?.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Stops the process and starts it anew; `between` runs while nothing does. */
  async restart(between: () => Promise<void>): Promise<void> {
    await this.stop();
    await between();
    if (this.#child !== undefined) this.#restarts++;
    this.start();
  }

  #endState(status: number | null): RoleState {
    if (this.#isStopping) return "stopped";
    return status === 0 && this.command.role === "initializer" ? "finished" : "crashed";
  }

  #change(state: RoleState): void {
    this.#state = state;
    this.#since = this.#now();
    this.#onChange(this);
  }
}
