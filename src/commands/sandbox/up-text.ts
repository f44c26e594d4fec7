import { join } from "node:path";
import { LOOPBACK } from "../../sandbox/loopback-port.ts";
import { trustFlags, vendorUrl } from "../../sandbox/role-commands.ts";
import type { SandboxDirectory } from "../../sandbox/sandbox-directory.ts";
import type { SandboxRecord } from "../../sandbox/sandbox-record.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { shownPath } from "./shown-path.ts";

/** Where a sandbox was started from. */
export interface SandboxPlace {
  readonly directory: SandboxDirectory;
  /** Paths of the YAML, as the user gave them. */
  readonly paths: readonly string[];
  /** `--workspace-dir`; empty for none. */
  readonly workspace: string;
  /** Whether the manifest has values that a look at the machine fills in. */
  readonly isIncomplete: boolean;
  /** Whether the measurement of the guest in it is a placeholder, which set refuses. */
  readonly hasPlaceholder: boolean;
  /** Whether the Coordinator has a history, and so needs its seed. */
  readonly needsRecovery: boolean;
}

/** Says where everything is, and what to type next. */
export function sayUp(record: SandboxRecord, place: SandboxPlace, flags: ParsedFlags, io: Io): void {
  const { directory } = place;
  const { platform, ports, workloads } = record;
  const next = nextCommands(record, place, flags);
  if (io.format === "json") {
    io.out(
      resultJson("sandbox-up", {
        directory: directory.path,
        platform,
        userApi: `${LOOPBACK}:${ports.userApi}`,
        meshApi: `${LOOPBACK}:${ports.meshApi}`,
        vendorServices: vendorUrl(ports),
        roots: directory.roots,
        supervisorPid: record.supervisorPid,
        workloads: workloads.map(({ id, kind, name, namespace, policyHash }) => ({
          id,
          kind,
          name,
          namespace,
          policyHash,
          directory: join(directory.workloads, id),
        })),
        next: next.map(({ command }) => command),
      }),
    );
    return;
  }
  const count = workloads.length === 1 ? "1 workload" : `${workloads.length} workloads`;
  io.out(`✔️ Started a Coordinator and ${count} on a simulated machine (${platform})`);
  const rows: readonly (readonly [string, string])[] = [
    ["user API", `${LOOPBACK}:${ports.userApi}`],
    ["mesh API", `${LOOPBACK}:${ports.meshApi}`],
    ["vendor services", vendorUrl(ports)],
    ["vendor roots", shownPath(directory.roots)],
    ["logs", shownPath(directory.logs)],
    ...workloads.map(({ id }) => [id, shownPath(join(directory.workloads, id))] as const),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) io.out(`  ${name.padEnd(width)}  ${value}`);
  io.out("Next:");
  for (const { command, comment } of next) io.out(`  ${command}  # ${comment}`);
}

interface NextCommand {
  readonly command: string;
  readonly comment: string;
}

function nextCommands(
  record: SandboxRecord,
  { directory, paths, workspace, isIncomplete, hasPlaceholder, needsRecovery }: SandboxPlace,
  flags: ParsedFlags,
): readonly NextCommand[] {
  const common = [
    "-c",
    `${LOOPBACK}:${record.ports.userApi}`,
    ...trustFlags(shownPath(directory.roots), record),
    ...(workspace === "" ? [] : ["--workspace-dir", workspace]),
    ...(flags.isSet("manifest") ? ["--manifest", flags.string("manifest")] : []),
  ];
  const own = flags.isSet("directory") || workspace !== "" ? ["--directory", shownPath(directory.path)] : [];
  const command = (...words: readonly string[]): string => ["contrast", ...words].map(quoted).join(" ");
  const observe = {
    command: command("manifest", "observe", ...common, "--write"),
    comment: "fills in the values of the hardware, which generate left empty",
  };
  const values = {
    command: "contrast sandbox reference-values >reference-values.json",
    comment: "the manifest has a placeholder, which set refuses",
  };
  const anew = {
    command: `rm ${quoted(flags.string("manifest"))}`,
    comment: "and generate as before, with --reference-values-file reference-values.json",
  };
  const recover = { command: command("recover", ...common), comment: "the Coordinator needs its seed" };
  const set = { command: command("set", ...common, ...paths), comment: "the workloads get certificates" };
  return [
    ...(hasPlaceholder ? [values, anew] : isIncomplete ? [observe] : []),
    needsRecovery ? recover : set,
    { command: command("verify", ...common), comment: "writes verify/mesh-ca.pem" },
    { command: command("sandbox", "status", ...own), comment: "what runs, who has a certificate" },
    { command: command("sandbox", "down", ...own), comment: "stops everything" },
  ];
}

/** A word for a POSIX shell. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
