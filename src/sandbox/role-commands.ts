import { join } from "node:path";
import type { ProgramCommand } from "../lib/program.ts";
import { LOOPBACK } from "./loopback-port.ts";
import type { RoleCommand } from "./role-process.ts";
import { logPath, type SandboxDirectory } from "./sandbox-directory.ts";
import type { SandboxPorts, SandboxRecord, SandboxWorkload } from "./sandbox-record.ts";

/** Name of the Coordinator's process, guest file and log. */
export const COORDINATOR_NAME = "coordinator";

/** What the processes get of the environment of the user; everything else could change how they behave. */
const KEPT_VARIABLES = [
  "CONTRAST_MAX_REQUEST_MIB",
  "PATH",
  "HOME",
  "TMPDIR",
  "TEMP",
  "TMP",
  "SystemRoot",
  "USERPROFILE",
  "LocalAppData",
];

/** Where programs and files are. */
export interface RoleSurroundings {
  readonly program: ProgramCommand;
  readonly directory: SandboxDirectory;
  /** That of the user. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** File that says which guest of the machine a process is. */
export function guestPath(directory: SandboxDirectory, name: string): string {
  return join(directory.guests, `${name}.json`);
}

/** Directory that a workload's Initializer writes to: what `/contrast` is in a pod. */
export function workloadDirectory(directory: SandboxDirectory, { id }: Pick<SandboxWorkload, "id">): string {
  return join(directory.workloads, id);
}

/** Flags with which commands trust the simulated machine. */
export function trustFlags(
  rootsPath: string,
  { platform, ports }: Pick<SandboxRecord, "platform" | "ports">,
): string[] {
  const mirror = platform === "tdx" ? "--pcs-mirror" : "--kds-mirror";
  return ["--insecure-trust-roots", rootsPath, mirror, vendorUrl(ports)];
}

/** Address of the simulated vendor services. */
export function vendorUrl(ports: SandboxPorts): string {
  return `http://${LOOPBACK}:${ports.vendor}`;
}

/** All processes: the Coordinator, then the Initializer of each workload. */
export function roleCommands(record: SandboxRecord, surroundings: RoleSurroundings): readonly RoleCommand[] {
  return [
    coordinatorCommand(record, surroundings),
    ...record.workloads.map((workload) => initializerCommand(workload, record, surroundings)),
  ];
}

function coordinatorCommand(record: SandboxRecord, { program, directory, env }: RoleSurroundings): RoleCommand {
  const { ports } = record;
  const address = (port: number): string => `${LOOPBACK}:${port}`;
  return {
    name: COORDINATOR_NAME,
    role: "coordinator",
    program,
    args: [
      ...CHILD_WORDS,
      "coordinator",
      `--state-dir=${directory.state}`,
      "--state-device=",
      `--user-api-addr=${address(ports.userApi)}`,
      `--mesh-api-addr=${address(ports.meshApi)}`,
      `--metrics-addr=${address(ports.metrics)}`,
      `--insecure-simulated-guest=${guestPath(directory, COORDINATOR_NAME)}`,
      ...trustFlags(directory.roots, record),
    ],
    env: roleEnvironment(directory, env),
    logPath: logPath(directory, COORDINATOR_NAME),
  };
}

function initializerCommand(
  workload: SandboxWorkload,
  { ports }: SandboxRecord,
  { program, directory, env }: RoleSurroundings,
): RoleCommand {
  return {
    name: workload.id,
    role: "initializer",
    program,
    args: [
      ...CHILD_WORDS,
      "initializer",
      `--output-dir=${workloadDirectory(directory, workload)}`,
      `--retry-interval=${RETRY_SECONDS}`,
      `--insecure-simulated-guest=${guestPath(directory, workload.id)}`,
    ],
    env: { ...roleEnvironment(directory, env), COORDINATOR_HOST: `${LOOPBACK}:${ports.meshApi}` },
    logPath: logPath(directory, workload.id),
  };
}

/** A tenth of what it is in a cluster: here nobody else is waited for. */
const RETRY_SECONDS = 1;

/** The command that ends together with its standard input. */
const CHILD_WORDS: readonly string[] = ["sandbox", "child", "--log-level=info", "--"];

function roleEnvironment(
  directory: SandboxDirectory,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  const kept = KEPT_VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return { ...Object.fromEntries(kept), CONTRAST_CACHE_DIR: directory.cache };
}
