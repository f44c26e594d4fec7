import { renderInstant } from "../../lib/instant.ts";
import type { SupervisorState } from "../../sandbox/control-client.ts";
import type { ProcessStatus } from "../../sandbox/control-messages.ts";
import type { CoordinatorState } from "../../sandbox/coordinator-state.ts";
import { LOOPBACK } from "../../sandbox/loopback-port.ts";
import { COORDINATOR_NAME, vendorUrl } from "../../sandbox/role-commands.ts";
import type { SandboxDirectory } from "../../sandbox/sandbox-directory.ts";
import type { SandboxRecord, SandboxWorkload } from "../../sandbox/sandbox-record.ts";
import type { WorkloadCertificate } from "../../sandbox/workload-certificate.ts";
import type { Io } from "../../terminal/io.ts";
import { shownPath } from "./shown-path.ts";

/** A certificate and what it is worth now. */
export interface CertificateReport extends WorkloadCertificate {
  /** Whether the mesh CA that issued it is that of the Coordinator now. */
  readonly isCurrent: boolean;
}

/** A workload with what its Initializer got. */
export interface WorkloadReport extends Pick<SandboxWorkload, "id" | "kind" | "name" | "namespace"> {
  readonly certificate: CertificateReport | undefined;
}

/** Everything that status tells. */
export interface SandboxReport {
  readonly supervisor: SupervisorState;
  readonly coordinator: CoordinatorState;
  /** With the end of the log of those that crashed. */
  readonly processes: readonly (ProcessStatus & { readonly log: readonly string[] })[];
  readonly workloads: readonly WorkloadReport[];
}

const SUPERVISOR: Readonly<Record<SupervisorState, string>> = {
  running: "running",
  stopped: 'stopped; "contrast sandbox up" starts it with the state that is kept',
  gone: 'gone: it was killed or crashed, or the computer restarted, and its processes ended with it; "contrast sandbox up" starts them anew',
};

/** What the state of a Coordinator asks for. */
export const COORDINATOR_TEXT: Readonly<Record<CoordinatorState, string>> = {
  empty: "has no manifest yet: contrast set",
  active: "active",
  recovery: "needs its seed: contrast recover",
  unknown: "does not answer",
};

/** Prints the report for people. */
export function sayStatus(
  { supervisor, coordinator, processes, workloads }: SandboxReport,
  { platform, ports, supervisorPid }: SandboxRecord,
  directory: SandboxDirectory,
  io: Pick<Io, "out">,
): void {
  const pid = supervisor === "running" && supervisorPid !== null ? `, pid ${supervisorPid}` : "";
  io.out(`Sandbox ${shownPath(directory.path)} (${platform}): ${SUPERVISOR[supervisor]}${pid}`);
  if (supervisor === "running") {
    io.out(`  vendor services  ${vendorUrl(ports)}`);
    io.out(`Coordinator: ${COORDINATOR_TEXT[coordinator]}`);
    const process = processes.find(({ name }) => name === COORDINATOR_NAME);
    if (process !== undefined) {
      io.out(`  user API ${LOOPBACK}:${ports.userApi}, mesh API ${LOOPBACK}:${ports.meshApi}, ${describe(process)}`);
      for (const line of process.log) io.out(`    ${line}`);
    }
  }
  io.out("Workloads:");
  for (const { id, certificate } of workloads) {
    const process = processes.find(({ name }) => name === id);
    const none = process?.state === "running" ? "waits for a certificate" : "has no certificate";
    io.out(`  ${id}: ${certificate === undefined ? none : certificateText(certificate)}`);
    if (certificate?.isCurrent === false && process !== undefined) {
      io.out(`    of an earlier mesh CA: contrast sandbox restart ${id}`);
    }
    if (process === undefined) continue;
    io.out(`    Initializer ${describe(process)}`);
    for (const line of process.log) io.out(`    ${line}`);
  }
}

function certificateText({ expiresAt, sans }: WorkloadCertificate): string {
  return `certificate until ${renderInstant(expiresAt)} for ${sans.join(", ")}`;
}

function describe({ state, pid, outcome, restarts }: ProcessStatus): string {
  const what = pid === null ? (state === "crashed" ? `crashed (${outcome})` : state) : `${state}, pid ${pid}`;
  return restarts === 0 ? what : `${what}, restarted ${restarts === 1 ? "once" : `${restarts} times`}`;
}
