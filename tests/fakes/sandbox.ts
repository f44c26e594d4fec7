import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProgramCommand } from "../../src/lib/program.ts";
import {
  prepareSandboxDirectory,
  sandboxDirectory,
  type SandboxDirectory,
} from "../../src/sandbox/sandbox-directory.ts";
import { newSandboxRecord, type SandboxRecord, writeSandboxRecord } from "../../src/sandbox/sandbox-record.ts";
import { writeGuests } from "../../src/sandbox/sandbox-machine.ts";
import type { SupervisorOptions } from "../../src/sandbox/supervisor.ts";
import { recordLog } from "./image-provider.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A program that stands in for the roles. */
const STAND_IN: ProgramCommand = {
  executable: process.execPath,
  args: [join(import.meta.dir, "../e2e/fixtures/stand-in-roles.ts")],
};

/** The policy hash of one repeated byte. */
export const hashOf = (byte: string): string => byte.repeat(32);

/** A workload of a plan. */
export function plannedWorkload(name: string, byte: string): SandboxRecord["workloads"][number] {
  return { id: `deployment-${name}`, kind: "Deployment", name, namespace: "shop", policyHash: hashOf(byte) };
}

/** A directory with everything that a supervisor needs, all ports free ones. */
export async function plannedSandbox(
  change: Partial<SandboxRecord> = {},
): Promise<{ directory: SandboxDirectory; record: SandboxRecord; options: SupervisorOptions }> {
  const directory = sandboxDirectory(join(temporaryDirectory(), "sandbox"));
  const record = {
    ...newSandboxRecord({
      platform: "snp-milan",
      ports: { userApi: 0, meshApi: 0, vendor: 0, metrics: 0 },
      coordinator: { policyHash: hashOf("c0") },
      workloads: [plannedWorkload("web", "01"), plannedWorkload("db", "02")],
    }),
    ...change,
  };
  await prepareSandboxDirectory(directory);
  await writeGuests(directory, record, { launchDigest: undefined });
  await writeSandboxRecord(directory, record);
  const options: SupervisorOptions = {
    directory,
    record,
    program: STAND_IN,
    env: process.env,
    now: () => new Date(),
    log: recordLog(),
    startVendorService: async (port) => ({ port, stop: async () => {} }),
  };
  return { directory, record, options };
}

/** Does what `set` does as far as the stand-ins see it: the Coordinator is active, and workloads get this text. */
export function setManifestOfStandIn(directory: SandboxDirectory, certificate = "certificate"): void {
  const latest = join(directory.state, "transitions", "latest");
  mkdirSync(dirname(latest), { recursive: true });
  writeFileSync(`${latest}.new`, certificate);
  renameSync(`${latest}.new`, latest);
}

/** Makes the next start of the stand-in for the Coordinator fail, or never listen. */
export function troubleStandIn(directory: SandboxDirectory, trouble: "exit" | "deaf" | ""): void {
  writeFileSync(join(directory.state, "trouble"), trouble);
}
