import { askSupervisor, checkNotRunning, supervisorState } from "../../sandbox/control-client.ts";
import { checkIsOurs, deleteSandboxDirectory, sandboxDirectory } from "../../sandbox/sandbox-directory.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { shownPath } from "./shown-path.ts";

/** `contrast sandbox down`; its definition is in `sandbox-definition.ts`. */
export const downCommand: CommandImplementation = {
  async run({ flags }, io) {
    const directory = sandboxDirectory(flags.string("directory"));
    await checkIsOurs(directory);
    const wasRunning = (await supervisorState(directory)) === "running";
    if (wasRunning) await askSupervisor(directory, { action: "stop" });
    else await checkNotRunning(directory);
    const isDeleted = flags.boolean("delete");
    if (isDeleted) await deleteSandboxDirectory(directory);
    if (io.format === "json") {
      io.out(resultJson("sandbox-down", { directory: directory.path, wasRunning, deleted: isDeleted }));
      return;
    }
    io.out(wasRunning ? "✔️ The sandbox is stopped" : "✔️ The sandbox was not running");
    if (isDeleted) io.out(`✔️ Deleted ${shownPath(directory.path)}`);
    else io.out(`  Its state is kept in ${shownPath(directory.path)}; "contrast sandbox down --delete" removes it`);
  },
};
