import { ContrastError } from "../../lib/errors.ts";
import { Problems } from "../../lib/problems.ts";
import type { Manifest } from "../../manifest/schema.ts";
import { planSandbox } from "../../sandbox/plan-sandbox.ts";
import { type WantedMachine, wantedMachine } from "../../sandbox/sandbox-machine.ts";
import type { SandboxPorts, SandboxRecord } from "../../sandbox/sandbox-record.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { logWarnings } from "../log-warnings.ts";
import { readDeployment } from "../../generate/read-deployment.ts";
import { readManifest } from "../read-manifest.ts";

/** What manifest and YAML say about a sandbox. */
export interface ReadPlan {
  readonly manifest: Manifest;
  readonly wanted: WantedMachine;
  readonly record: SandboxRecord;
}

/**
 * Reads the manifest and the YAML that `generate` wrote, and plans the processes.
 *
 * @param action what fails otherwise, such as `Cannot start the sandbox`
 * @throws ProblemsError with everything that is wrong with the YAML, and the codes of `wantedMachine` and `planSandbox`
 */
export async function readPlan(
  flags: ParsedFlags,
  paths: readonly string[],
  ports: SandboxPorts,
  action: string,
  io: Io,
): Promise<ReadPlan> {
  const { manifest, what } = await readManifest(flags.string("manifest"), io);
  const problems = new Problems();
  const deployment = await readDeployment(paths, io, problems);
  logWarnings(problems.warnings, io.log);
  problems.throwIfAny(action);
  if (deployment === undefined) throw new ContrastError("lib/internal", `${action}: nothing was read`);
  const wanted = wantedMachine(manifest, what);
  const workloads = deployment.map(({ workload }) => workload);
  return { manifest, wanted, record: planSandbox(workloads, wanted.platform, ports) };
}
