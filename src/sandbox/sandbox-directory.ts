import { chmod, lstat, mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { writeFileAtomically } from "../lib/files.ts";

/** Where everything of a sandbox lies; absolute paths. */
export interface SandboxDirectory {
  readonly path: string;
  /** What runs there: `SandboxRecord`. */
  readonly record: string;
  /** How the supervisor is reached, with its token: `ControlAccess`; only while it runs. */
  readonly control: string;
  /** Vendor roots of the machine, for `--insecure-trust-roots`. */
  readonly roots: string;
  readonly machine: string;
  readonly guests: string;
  /** History of the Coordinator. */
  readonly state: string;
  /** Collateral cache of the processes. */
  readonly cache: string;
  readonly logs: string;
  readonly workloads: string;
}

const MARKER = ".contrast-sandbox";
const MARKER_TEXT = "This directory was made by contrast sandbox up. Its keys are simulated and protect nothing.\n";

/** The paths of a sandbox; nothing is touched. */
export function sandboxDirectory(path: string): SandboxDirectory {
  const base = resolve(path);
  return {
    path: base,
    record: join(base, "sandbox.json"),
    control: join(base, "control.json"),
    roots: join(base, "roots.pem"),
    machine: join(base, "machine"),
    guests: join(base, "guests"),
    state: join(base, "state"),
    cache: join(base, "cache"),
    logs: join(base, "logs"),
    workloads: join(base, "workloads"),
  };
}

/** Log of one process. */
export function logPath(directory: SandboxDirectory, name: string): string {
  return join(directory.logs, `${name}.log`);
}

/**
 * Makes the directory with mode 0700 and marks it as ours, or finds that it is ours already. Whatever is in it, nobody
 * else may enter it: it will hold keys, and programs are started by what its files say.
 *
 * @throws ContrastError `sandbox/directory-foreign` for a directory that has files of somebody else,
 *   `lib/file-unwritable`
 */
export async function prepareSandboxDirectory(directory: SandboxDirectory): Promise<void> {
  try {
    await mkdir(directory.path, { recursive: true, mode: 0o700 });
    await checkOwner(directory);
    await chmod(directory.path, 0o700);
    const entries = await readdir(directory.path);
    if (entries.length > 0) await checkIsOurs(directory);
    else await writeFileAtomically(join(directory.path, MARKER), MARKER_TEXT, { mode: 0o600 });
    for (const part of partsOf(directory)) await mkdir(part, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (error instanceof ContrastError) throw error;
    throw new ContrastError("lib/file-unwritable", `Cannot make "${directory.path}": ${messageOf(error)}`, {
      cause: error,
      hint: "Choose another place with --directory.",
    });
  }
}

/**
 * Checks that a sandbox was made here.
 *
 * @throws ContrastError `sandbox/not-found`, `sandbox/directory-foreign`
 */
export async function checkIsOurs(directory: SandboxDirectory): Promise<void> {
  const found = await lstat(directory.path).catch(() => undefined);
  if (found === undefined) {
    throw new ContrastError("sandbox/not-found", `Cannot find a sandbox: there is no directory "${directory.path}"`, {
      hint: 'Start one with "contrast sandbox up", or name the directory with --directory.',
    });
  }
  await checkOwner(directory);
  const marker = await readFile(join(directory.path, MARKER), "utf8").catch(() => undefined);
  if (marker !== MARKER_TEXT) throw foreign(directory, "it is no sandbox of ours");
}

/** The marker is no secret: in a place where all may write, somebody else could have made the directory. */
async function checkOwner(directory: SandboxDirectory): Promise<void> {
  const found = await lstat(directory.path);
  if (!found.isDirectory()) throw foreign(directory, "it is no directory");
  const own = userInfo().uid;
  // Windows has no such numbers.
  if (own >= 0 && found.uid !== own) throw foreign(directory, "it belongs to somebody else");
}

function foreign({ path }: SandboxDirectory, fact: string): ContrastError {
  return new ContrastError("sandbox/directory-foreign", `Cannot use "${path}": ${fact}`, {
    hint: "Nothing was touched. Name another directory with --directory.",
  });
}

/**
 * Removes the directory of a sandbox that does not run; files of somebody else are found before anything is removed.
 *
 * @throws ContrastError `sandbox/not-found`, `sandbox/directory-foreign`, `lib/file-unwritable`
 */
export async function deleteSandboxDirectory(directory: SandboxDirectory): Promise<void> {
  await checkIsOurs(directory);
  const files = [directory.record, directory.control, directory.roots, join(directory.path, MARKER)];
  const ours = new Set([...files, ...partsOf(directory)]);
  const entries = (await readdir(directory.path)).map((name) => join(directory.path, name));
  const other = entries.find((entry) => !ours.has(entry));
  if (other !== undefined) {
    throw new ContrastError("sandbox/directory-foreign", `Cannot delete "${directory.path}": "${other}" is not ours`, {
      hint: "Nothing was deleted. Move the file elsewhere and run the command again.",
    });
  }
  try {
    // The marker goes last: what was interrupted can be run again.
    for (const entry of [...partsOf(directory), ...files]) await rm(entry, { recursive: true, force: true });
    await rmdir(directory.path);
  } catch (error) {
    throw new ContrastError("lib/file-unwritable", `Cannot delete "${directory.path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function partsOf({ machine, guests, state, cache, logs, workloads }: SandboxDirectory): readonly string[] {
  return [machine, guests, state, cache, logs, workloads];
}
