import { startDeadline } from "../../lib/deadline.ts";
import { sleep } from "../../lib/sleep.ts";
import { askSupervisor, supervisorState } from "../../sandbox/control-client.ts";
import type { ProcessStatus } from "../../sandbox/control-messages.ts";
import { coordinatorState } from "../../sandbox/coordinator-state.ts";
import { logTail } from "../../sandbox/log-tail.ts";
import { COORDINATOR_NAME } from "../../sandbox/role-commands.ts";
import { checkIsOurs, logPath, type SandboxDirectory, sandboxDirectory } from "../../sandbox/sandbox-directory.ts";
import { readSandboxRecord, type SandboxRecord } from "../../sandbox/sandbox-record.ts";
import { workloadCertificate } from "../../sandbox/workload-certificate.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { type SandboxReport, sayStatus, type WorkloadReport } from "./status-text.ts";

const TAIL_LINES = 5;
const WAIT_MS = 60_000;
const POLL_MS = 100;

/** `contrast sandbox status`; its definition is in `sandbox-definition.ts`. */
export const statusCommand: CommandImplementation = {
  async run({ flags }, io) {
    const directory = sandboxDirectory(flags.string("directory"));
    await checkIsOurs(directory);
    const record = await readSandboxRecord(directory);
    const waited = flags.boolean("wait") ? await waitForWorkloads(directory, io.signal) : true;
    const report = await readReport(directory, record);
    const crashed = report.processes.filter(({ state }) => state === "crashed");
    const ok = waited && report.supervisor === "running" && crashed.length === 0;
    if (io.format === "json") {
      const { supervisor, coordinator, processes, workloads } = report;
      io.out(
        resultJson("sandbox-status", {
          ok,
          directory: directory.path,
          platform: record.platform,
          supervisor: { state: supervisor, pid: record.supervisorPid, startedAt: record.startedAt },
          ports: record.ports,
          coordinator,
          processes: processes.map((process) => ({ ...process, port: portOf(process.name, record) })),
          workloads: workloads.map(({ certificate, ...workload }) => ({
            ...workload,
            state: certificate === undefined ? "waiting" : "certified",
            expiresAt: certificate?.expiresAt.toISOString() ?? null,
            sans: certificate?.sans ?? [],
          })),
        }),
      );
    } else sayStatus(report, record, directory, io);
    return ok ? 0 : 1;
  },
};

/**
 * Waits until no Initializer runs.
 *
 * @returns false where the time was over before
 */
async function waitForWorkloads(directory: SandboxDirectory, signal: AbortSignal): Promise<boolean> {
  const deadline = startDeadline(WAIT_MS, signal);
  try {
    for (;;) {
      const processes = await askSupervisor(directory, { action: "status" });
      if (processes.every(({ role, state }) => role !== "initializer" || state !== "running")) return true;
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
  const workloads: WorkloadReport[] = [];
  for (const { id, kind, name, namespace } of record.workloads) {
    workloads.push({ id, kind, name, namespace, certificate: await workloadCertificate(directory, { id }) });
  }
  return {
    supervisor,
    coordinator: supervisor === "running" ? await coordinatorState(directory, record.ports) : "unknown",
    processes: await Promise.all(processes.map((process) => withTail(directory, process))),
    workloads,
  };
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
