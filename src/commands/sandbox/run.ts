import { runAttached } from "../../lib/run-program.ts";
import { checkIsOurs, sandboxDirectory } from "../../sandbox/sandbox-directory.ts";
import { readSandboxRecord } from "../../sandbox/sandbox-record.ts";
import { workloadEnvironment } from "../../sandbox/workload-certificate.ts";
import { findWorkload } from "../../sandbox/workload-names.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";

/** `contrast sandbox run`; its definition is in `sandbox-definition.ts`. */
export const runCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const directory = sandboxDirectory(flags.string("directory"));
    await checkIsOurs(directory);
    const [name = "", program = "", ...args] = positionals;
    const { workloads } = await readSandboxRecord(directory);
    const workload = findWorkload(workloads, name);
    const env = { ...io.env, ...(await workloadEnvironment(directory, workload)) };
    return await runAttached(program, args, { env, signal: io.signal });
  },
};
