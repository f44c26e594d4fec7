import { programCommand } from "../../lib/program.ts";
import { failedAnswer } from "../../sandbox/control-server.ts";
import { type SandboxDirectory, sandboxDirectory } from "../../sandbox/sandbox-directory.ts";
import { readSandboxRecord } from "../../sandbox/sandbox-record.ts";
import { Supervisor } from "../../sandbox/supervisor.ts";
import { loadMachine } from "../../simulator/machine.ts";
import { startVendorService } from "../../simulator/vendor-service.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";

/**
 * `contrast sandbox supervise`: starts everything that `sandbox.json` names and owns it until it is told to stop. Says
 * in one line of JSON on standard output whether that succeeded; nobody listens to it afterwards.
 */
export const superviseCommand: CommandImplementation = {
  async run({ flags }, io) {
    let supervisor: Supervisor;
    try {
      supervisor = await superviseSandbox(sandboxDirectory(flags.string("directory")), io);
    } catch (error) {
      io.out(JSON.stringify(failedAnswer(error)));
      throw error;
    }
    io.out(JSON.stringify({ ok: true, processes: [] }));
    await supervisor.stopped;
  },
};

/** Starts the processes of a sandbox; they stop when `io.signal` is aborted. */
export async function superviseSandbox(directory: SandboxDirectory, io: Io): Promise<Supervisor> {
  const record = await readSandboxRecord(directory);
  const machine = await loadMachine(directory.machine);
  const supervisor = await Supervisor.start({
    directory,
    record,
    program: programCommand(),
    env: io.env,
    now: io.now,
    log: io.log,
    startVendorService: async (port) => await startVendorService({ machine, port, now: io.now }),
  });
  io.signal.addEventListener("abort", () => void supervisor.stop());
  if (io.signal.aborted) await supervisor.stop();
  return supervisor;
}
