import { startDeadline } from "../../lib/deadline.ts";
import { sleep } from "../../lib/sleep.ts";
import { askSupervisor, supervisorState } from "../../sandbox/control-client.ts";
import type { ProcessStatus } from "../../sandbox/control-messages.ts";
import { coordinatorState, lastManifestAt } from "../../sandbox/coordinator-state.ts";
import { logTail } from "../../sandbox/log-tail.ts";
import { COORDINATOR_NAME } from "../../sandbox/role-commands.ts";
import { checkIsOurs, logPath, type SandboxDirectory, sandboxDirectory } from "../../sandbox/sandbox-directory.ts";
import { readSandboxRecord, type SandboxRecord } from "../../sandbox/sandbox-record.ts";
import { workloadCertificate } from "../../sandbox/workload-certificate.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { secondsFlag } from "../seconds-flag.ts";
import { COORDINATOR_TEXT, type SandboxReport, sayStatus, type WorkloadReport } from "./status-text.ts";

const TAIL_LINES = 5;
const POLL_MS = 100;

/** `contrast sandbox status`; its definition is in `sandbox-definition.ts`. */
export const statusCommand: CommandImplementation = {
  async run({ flags }, io) {
    const directory = sandboxDirectory(flags.string("directory"));
    await checkIsOurs(directory);
    const record = await readSandboxRecord(directory);
    const timeoutMs = secondsFlag(flags, "timeout");
    const waited = flags.boolean("wait") ? await waitForWorkloads(directory, record, timeoutMs, io) : true;
    const report = await readReport(directory, record);
    const crashed = report.processes.filter(({ state }) => state === "crashed");
    const ok = waited && report.supervisor === "running" && crashed.length === 0;
    if (io.format === "json") {
      const { coordinator, processes, workloads } = report;
      io.out(
        resultJson("sandbox-status", {
          ok,
          directory: directory.path,
          platform: record.platform,
          timedOut: !waited,
          supervisor: supervisorJson(report, record),
          ports: record.ports,
          coordinator,
          processes: processes.map((process) => ({ ...process, port: portOf(process.name, record) })),
          workloads: workloads.map(({ certificate, ...workload }) => ({
            ...workload,
            state: certificate === undefined ? "waiting" : "certified",
            current: certificate?.isCurrent ?? false,
            expiresAt: certificate?.expiresAt.toISOString() ?? null,
            sans: certificate?.sans ?? [],
          })),
        }),
      );
    } else sayStatus(report, record, directory, io);
    if (!waited) io.err(`Waited for ${timeoutMs / 1000} s, and a workload still has no certificate`);
    return ok ? 0 : 1;
  },
};

/** What ended is no process any more, whatever its number was. */
function supervisorJson({ supervisor: state }: SandboxReport, { supervisorPid, startedAt }: SandboxRecord): object {
  return state === "running" ? { state, pid: supervisorPid, startedAt } : { state, pid: null, startedAt: null };
}

/**
 * Waits until no Initializer runs. Whoever waits for what will not happen by itself is told.
 *
 * @returns false where the time was over before
 */
async function waitForWorkloads(
  directory: SandboxDirectory,
  { ports }: SandboxRecord,
  timeoutMs: number,
  io: Io,
): Promise<boolean> {
  const deadline = startDeadline(timeoutMs, io.signal);
  let isTold = false;
  try {
    for (;;) {
      const processes = await askSupervisor(directory, { action: "status" });
      if (processes.every(({ role, state }) => role !== "initializer" || state !== "running")) return true;
      if (!isTold) {
        isTold = true;
        const state = await coordinatorState(directory, ports);
        if (state !== "active") io.err(`Waiting for certificates. The Coordinator ${COORDINATOR_TEXT[state]}`);
      }
      await sleep(POLL_MS, deadline.signal);
    }
  } catch (error) {
    if (!deadline.isOver) throw error;
    return false;
  } finally {
    deadline.stop();
  }
}

async function readReport(directory: SandboxDirectory, record: SandboxRecord): Promise<SandboxReport> {
  const supervisor = await supervisorState(directory);
  const processes = supervisor === "running" ? await askSupervisor(directory, { action: "status" }) : [];
  const changedAt = await meshCaChangedAt(directory, processes);
  const workloads: WorkloadReport[] = [];
  for (const { id, kind, name, namespace } of record.workloads) {
    const found = await workloadCertificate(directory, { id });
    const certificate = found && { ...found, isCurrent: found.writtenAt >= changedAt };
    workloads.push({ id, kind, name, namespace, certificate });
  }
  return {
    supervisor,
    coordinator: supervisor === "running" ? await coordinatorState(directory, record.ports) : "unknown",
    processes: await Promise.all(processes.map((process) => withTail(directory, process))),
    workloads,
  };
}

/** Each manifest and each recovery makes a mesh CA; what was certified before the last of them has one that is gone. */
async function meshCaChangedAt(directory: SandboxDirectory, processes: readonly ProcessStatus[]): Promise<Date> {
  const startedAt = new Date(processes.find(({ name }) => name === COORDINATOR_NAME)?.since ?? 0);
  const setAt = (await lastManifestAt(directory)) ?? startedAt;
  return setAt > startedAt ? setAt : startedAt;
}

/** The end of its log says why a process crashed. */
async function withTail(
  directory: SandboxDirectory,
  process: ProcessStatus,
): Promise<ProcessStatus & { readonly log: readonly string[] }> {
  const isCrashed = process.state === "crashed";
  return { ...process, log: isCrashed ? await logTail(logPath(directory, process.name), TAIL_LINES) : [] };
}

function portOf(name: string, { ports }: SandboxRecord): number | null {
  return name === COORDINATOR_NAME ? ports.userApi : null;
}
