import { checkNotRunning } from "../../sandbox/control-client.ts";
import { lastManifestAt } from "../../sandbox/coordinator-state.ts";
import { startInBackground } from "../../sandbox/start-in-background.ts";
import { prepareSandboxDirectory, sandboxDirectory, type SandboxDirectory } from "../../sandbox/sandbox-directory.ts";
import { prepareMachine, writeGuests } from "../../sandbox/sandbox-machine.ts";
import { readSandboxRecord, type SandboxPorts, writeSandboxRecord } from "../../sandbox/sandbox-record.ts";
import { validateManifest } from "../../manifest/validate-manifest.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { type ReadPlan, readPlan } from "./read-plan.ts";
import { superviseSandbox } from "./supervise.ts";
import { sayUp, type SandboxPlace } from "./up-text.ts";

/** `contrast sandbox up`; its definition is in `sandbox-definition.ts`. */
export const upCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const directory = sandboxDirectory(flags.string("directory"));
    const { manifest, wanted } = await prepareUp(directory, flags, positionals, io);
    const place: SandboxPlace = {
      directory,
      paths: positionals,
      workspace: flags.string("workspace-dir"),
      isIncomplete: validateManifest(manifest).missing.length > 0,
      hasPlaceholder: wanted.launchDigest === undefined,
      needsRecovery: (await lastManifestAt(directory)) !== undefined,
    };
    if (flags.boolean("foreground")) {
      const supervisor = await superviseSandbox(directory, io);
      sayUp(await readSandboxRecord(directory), place, flags, io);
      await supervisor.stopped;
    } else {
      await startInBackground(directory, io.env, io.signal);
      sayUp(await readSandboxRecord(directory), place, flags, io);
    }
  },
};

/** Everything before the first process is started. */
async function prepareUp(
  directory: SandboxDirectory,
  flags: ParsedFlags,
  paths: readonly string[],
  io: Io,
): Promise<ReadPlan> {
  const plan = await readPlan(flags, paths, portsOf(flags), "Cannot start the sandbox", io);
  const { wanted, record } = plan;
  await prepareSandboxDirectory(directory);
  await checkNotRunning(directory);
  await prepareMachine(directory, wanted, io.now());
  io.signal.throwIfAborted();
  await writeGuests(directory, record, wanted);
  await writeSandboxRecord(directory, record);
  return plan;
}

function portsOf(flags: ParsedFlags): SandboxPorts {
  const port = (name: string): number => {
    const text = flags.string(name);
    const value = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
    if (value <= 65_535) return value;
    throw new UsageError(
      "terminal/invalid-argument",
      `invalid argument ${JSON.stringify(text)} for "--${name}" flag: want a number from 0 to 65535`,
    );
  };
  return {
    userApi: port("user-api-port"),
    meshApi: port("mesh-api-port"),
    vendor: port("vendor-port"),
    metrics: port("metrics-port"),
  };
}
