import { mkdir, rm } from "node:fs/promises";
import { startDeadline } from "../lib/deadline.ts";
import { ContrastError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { type ProgramCommand, processId } from "../lib/program.ts";
import { isPublished, publishAccess } from "./control-client.ts";
import type { ControlAnswer, ControlRequest, ProcessStatus } from "./control-messages.ts";
import { type ControlServer, failedAnswer, startControlServer } from "./control-server.ts";
import { logTail } from "./log-tail.ts";
import { reservePorts, waitForPort } from "./loopback-port.ts";
import { roleCommands, workloadDirectory } from "./role-commands.ts";
import { type RoleCommand, RoleProcess } from "./role-process.ts";
import type { SandboxDirectory } from "./sandbox-directory.ts";
import { type SandboxRecord, type SandboxWorkload, writeSandboxRecord } from "./sandbox-record.ts";
import { watchOwnership } from "./watch-ownership.ts";

/** What the supervisor needs of its surroundings. */
export interface SupervisorOptions {
  readonly directory: SandboxDirectory;
  /** As planned; ports that are 0 are chosen here. */
  readonly record: SandboxRecord;
  /** How the program is started that runs the roles. */
  readonly program: ProgramCommand;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly log: Logger;
  /** Starts the services of the machine's vendor. */
  readonly startVendorService: (port: number) => Promise<{ readonly port: number; stop(): Promise<void> }>;
  /** How long the Coordinator may take until it accepts connections; 20 s. */
  readonly startTimeoutMs?: number;
  /** How often to look whether the directory is still there; 2 s. */
  readonly watchMs?: number;
}

const START_TIMEOUT_MS = 20_000;
const TAIL_LINES = 12;

/** The process that owns all others of a sandbox. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #stopped = Promise.withResolvers<void>();
  #control: ControlServer | undefined;
  #record: SandboxRecord;
  #processes: readonly RoleProcess[] = [];
  #work: Promise<unknown> = Promise.resolve();
  #writing: Promise<void> = Promise.resolve();
  #isWritePending = false;
  #ending: Promise<void> | undefined;

  private constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#record = options.record;
  }

  /**
   * Starts everything and waits until the Coordinator accepts connections. After a failure nothing is left running.
   *
   * @throws ContrastError `sandbox/already-running`, `sandbox/port-in-use`, `sandbox/coordinator-failed`
   */
  static async start(options: SupervisorOptions): Promise<Supervisor> {
    const supervisor = new Supervisor(options);
    try {
      await supervisor.#start();
      return supervisor;
    } catch (error) {
      await supervisor.stop();
      throw error;
    }
  }

  /** Settles when everything has ended after `stop`. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  /** Ends all processes in good order. */
  async stop(): Promise<void> {
    await this.#end();
    await this.#control?.close();
    this.#stopped.resolve();
  }

  /** Ends everything but the control channel. */
  #end(): Promise<void> {
    this.#ending ??= (async () => {
      await Promise.all(this.#processes.map((process) => process.stop()));
      await this.#writing;
      for (const close of this.#closers.toReversed()) await close();
    })();
    return this.#ending;
  }

  async #start(): Promise<void> {
    const { directory, record, now, startVendorService } = this.#options;
    this.#control = await startControlServer((request) => this.#handle(request));
    await publishAccess(directory, this.#control.access);
    this.#closers.push(async () => {
      if (await this.#isOurs()) await rm(directory.control, { force: true });
    });
    this.#watchDirectory();

    const { ports } = record;
    const [userApi, meshApi, vendorPort, metrics] = await reservePorts([
      { port: ports.userApi, use: "user API", flag: "--user-api-port" },
      { port: ports.meshApi, use: "mesh API", flag: "--mesh-api-port" },
      { port: ports.vendor, use: "vendor services", flag: "--vendor-port" },
      { port: ports.metrics, use: "metrics", flag: "--metrics-port" },
    ]);
    const vendor = await startVendorService(vendorPort);
    this.#closers.push(() => vendor.stop());
    const chosen = { userApi, meshApi, vendor: vendor.port, metrics };
    this.#record = { ...record, ports: chosen, startedAt: now().toISOString(), supervisorPid: processId() };
    this.#processes = roleCommands(this.#record, this.#options).map((command) => this.#processFor(command));
    // Pods that are made anew have empty volumes.
    await rm(directory.workloads, { recursive: true, force: true });
    for (const process of this.#processes) {
      await this.#emptyVolume(process.command.name);
      process.start();
      // Initializers would only fail before, and then wait.
      if (process.command.role === "coordinator") await this.#waitForCoordinator(process);
    }
    await this.#writing;
  }

  /** Who removes the directory by hand could not reach what runs any more: it ends then. */
  #watchDirectory(): void {
    const { directory, log, watchMs } = this.#options;
    const onLost = (): void => {
      log.warn("the directory of the sandbox was removed", { path: directory.path });
      void this.stop();
    };
    const end = watchOwnership(() => this.#isOurs(), onLost, watchMs);
    this.#closers.push(async () => end());
  }

  /** Whether the directory is not that of another supervisor by now. */
  async #isOurs(): Promise<boolean> {
    const { directory } = this.#options;
    return this.#control !== undefined && (await isPublished(directory, this.#control.access));
  }

  /** Requests that change something happen one after the other. */
  async #handle(request: ControlRequest): Promise<ControlAnswer> {
    if (request.action === "status") return this.#answer();
    const work = this.#work.then(async () => {
      if (request.action === "restart") await this.#restart(request.names);
      else if (request.action === "apply") await this.#apply(request.workloads);
      else await this.#end();
      return this.#answer();
    });
    this.#work = work.catch(() => {});
    const answer = await work.catch(failedAnswer);
    // The channel closes when this answer is out.
    if (request.action === "stop") void this.stop();
    return answer;
  }

  /** Takes over changed workloads; those that are as before go on. */
  async #apply(workloads: readonly SandboxWorkload[]): Promise<void> {
    const before = new Map(this.#record.workloads.map(({ id, policyHash }) => [id, policyHash]));
    this.#record = { ...this.#record, workloads: [...workloads] };
    const commands = roleCommands(this.#record, this.#options);
    const wanted = new Set(commands.map(({ name }) => name));
    for (const process of this.#processes.filter(({ command }) => !wanted.has(command.name))) {
      await process.stop();
      await rm(workloadDirectory(this.#options.directory, { id: process.command.name }), {
        recursive: true,
        force: true,
      });
    }
    const running = new Map(this.#processes.map((process) => [process.command.name, process]));
    this.#processes = commands.map((command) => running.get(command.name) ?? this.#processFor(command));
    await this.#restart(workloads.filter(({ id, policyHash }) => before.get(id) !== policyHash).map(({ id }) => id));
    this.#writeRecord();
    await this.#writing;
  }

  #processFor(command: RoleCommand): RoleProcess {
    return new RoleProcess(command, this.#options.now, (process) => this.#noteChange(process));
  }

  async #restart(names: readonly string[]): Promise<void> {
    for (const process of this.#processes.filter(({ command }) => names.includes(command.name))) {
      await process.restart(async () => await this.#emptyVolume(process.command.name));
      if (process.command.role === "coordinator") await this.#waitForCoordinator(process);
    }
  }

  async #emptyVolume(name: string): Promise<void> {
    const { directory } = this.#options;
    const workload = this.#record.workloads.find(({ id }) => id === name);
    if (workload === undefined) return;
    const volume = workloadDirectory(directory, workload);
    await rm(volume, { recursive: true, force: true });
    await mkdir(volume, { recursive: true, mode: 0o700 });
  }

  async #waitForCoordinator(coordinator: RoleProcess): Promise<void> {
    const { userApi, meshApi, metrics } = this.#record.ports;
    const ended = new AbortController();
    const deadline = startDeadline(this.#options.startTimeoutMs ?? START_TIMEOUT_MS, ended.signal);
    void coordinator.ended.then(() => ended.abort(new Error(coordinator.outcome)));
    try {
      for (const port of [userApi, meshApi, metrics]) await waitForPort(port, deadline.signal);
    } catch (error) {
      throw await this.#coordinatorFailed(coordinator, deadline.isOver, error);
    } finally {
      deadline.stop();
    }
  }

  async #coordinatorFailed(coordinator: RoleProcess, isOver: boolean, cause: unknown): Promise<ContrastError> {
    const { logPath } = coordinator.command;
    const lines = await logTail(logPath, TAIL_LINES);
    const fact = isOver ? "it does not accept connections in time" : coordinator.outcome;
    return new ContrastError("sandbox/coordinator-failed", `Cannot start the Coordinator: ${fact}`, {
      cause,
      hint: `Look at its log "${logPath}".`,
      report: { lines, json: { log: lines } },
    });
  }

  #answer(): ControlAnswer {
    return { ok: true, processes: this.#processes.map(statusOf) };
  }

  #noteChange({ command: { name }, state, pid, outcome }: RoleProcess): void {
    const { log } = this.#options;
    if (state === "crashed") log.warn("a process crashed", { name, outcome });
    else log.info("a process has a new state", { name, state, pid });
    this.#writeRecord();
  }

  /** Changes that come while the file is being written are in the next writing. */
  #writeRecord(): void {
    if (this.#isWritePending) return;
    this.#isWritePending = true;
    this.#writing = this.#writing.then(async () => {
      this.#isWritePending = false;
      if (!(await this.#isOurs())) return;
      const processes = this.#processes.flatMap(({ command, pid }) =>
        pid === undefined ? [] : [{ name: command.name, pid }],
      );
      // A full disk must not end what runs; the next change tries again.
      await writeSandboxRecord(this.#options.directory, { ...this.#record, processes }).catch(() => {});
    });
  }
}

function statusOf({ command, state, pid, outcome, restarts, since }: RoleProcess): ProcessStatus {
  const { name, role } = command;
  return { name, role, state, pid: pid ?? null, outcome, restarts, since: since.toISOString() };
}
