import { ContrastError } from "../../lib/errors.ts";
import { askSupervisor } from "../../sandbox/control-client.ts";
import { checkIsOurs, sandboxDirectory } from "../../sandbox/sandbox-directory.ts";
import { prepareMachine, writeGuests } from "../../sandbox/sandbox-machine.ts";
import { readSandboxRecord, type SandboxRecord } from "../../sandbox/sandbox-record.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { readPlan } from "./read-plan.ts";

/** `contrast sandbox apply`; its definition is in `sandbox-definition.ts`. */
export const applyCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const directory = sandboxDirectory(flags.string("directory"));
    await checkIsOurs(directory);
    const current = await readSandboxRecord(directory);
    await askSupervisor(directory, { action: "status" });
    const { wanted, record } = await readPlan(flags, positionals, current.ports, "Cannot apply the YAML", io);
    await prepareMachine(directory, wanted, io.now());
    checkCoordinator(current, record);
    await writeGuests(directory, record, wanted);
    await askSupervisor(directory, { action: "apply", workloads: record.workloads });
    const { started, removed } = changesOf(current, record);
    if (io.format === "json") {
      io.out(resultJson("sandbox-apply", { started, removed }));
      return;
    }
    for (const id of started) io.out(`✔️ Started ${id} under its new policy`);
    for (const id of removed) io.out(`✔️ Removed ${id}`);
    if (started.length + removed.length === 0) io.out("✔️ Nothing has changed");
    if (started.length > 0) io.out('  It gets a certificate after "contrast set" with the same paths');
  },
};

/** As in a cluster, the Coordinator cannot go on with its history and another policy. */
function checkCoordinator(current: SandboxRecord, wanted: SandboxRecord): void {
  if (current.coordinator.policyHash === wanted.coordinator.policyHash) return;
  throw new ContrastError(
    "sandbox/coordinator-changed",
    "Cannot apply the YAML: the Coordinator has another policy now",
    {
      hint: 'Start it anew with "contrast sandbox down" and "contrast sandbox up"; it then needs recovery.',
    },
  );
}

/** Names of workloads that are new or have another policy, and of those that are gone. */
function changesOf(
  current: SandboxRecord,
  wanted: SandboxRecord,
): { readonly started: readonly string[]; readonly removed: readonly string[] } {
  const policies = ({ workloads }: SandboxRecord): ReadonlyMap<string, string> =>
    new Map(workloads.map(({ id, policyHash }) => [id, policyHash]));
  const [before, after] = [policies(current), policies(wanted)];
  return {
    started: [...after].filter(([id, hash]) => before.get(id) !== hash).map(([id]) => id),
    removed: [...before.keys()].filter((id) => !after.has(id)),
  };
}
