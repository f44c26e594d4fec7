import { askSupervisor } from "../../sandbox/control-client.ts";
import { lastManifestAt } from "../../sandbox/coordinator-state.ts";
import { COORDINATOR_NAME } from "../../sandbox/role-commands.ts";
import { checkIsOurs, sandboxDirectory } from "../../sandbox/sandbox-directory.ts";
import { readSandboxRecord } from "../../sandbox/sandbox-record.ts";
import { findWorkload } from "../../sandbox/workload-names.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { UsageError } from "../../terminal/usage-error.ts";

/** `contrast sandbox restart`; its definition is in `sandbox-definition.ts`. */
export const restartCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const directory = sandboxDirectory(flags.string("directory"));
    checkWords(flags, positionals);
    await checkIsOurs(directory);
    const { workloads } = await readSandboxRecord(directory);
    const everyId = workloads.map(({ id }) => id);
    const named = positionals.map((word) => (word === COORDINATOR_NAME ? word : findWorkload(workloads, word).id));
    const names = flags.boolean("all") ? [COORDINATOR_NAME, ...everyId] : flags.boolean("workloads") ? everyId : named;
    const processes = await askSupervisor(directory, { action: "restart", names });
    if (io.format === "json") {
      io.out(resultJson("sandbox-restart", { restarted: names, processes }));
      return;
    }
    if (names.includes(COORDINATOR_NAME)) {
      io.out("✔️ Restarted the Coordinator");
      if ((await lastManifestAt(directory)) !== undefined) io.out('  It needs its seed: run "contrast recover"');
    }
    for (const name of names) if (name !== COORDINATOR_NAME) io.out(`✔️ Restarted ${name}`);
  },
};

function checkWords(flags: ParsedFlags, names: readonly string[]): void {
  const hasFlag = flags.boolean("all") || flags.boolean("workloads");
  if (hasFlag !== names.length > 0) return;
  throw new UsageError("terminal/argument-count", "cannot tell what to restart: want names, --workloads or --all");
}
