import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContrastError, messageOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { quoteText } from "../lib/quote-text.ts";
import { type ProgramResult, runProgram } from "../lib/run-program.ts";
import { checkLuksHeader, LUKS_CIPHER } from "./luks-header.ts";
import { mappingName } from "./mapping-name.ts";

/** An encrypted volume of a workload. */
export interface EncryptedVolume {
  /** Block device, such as `/dev/csi0`. */
  readonly devicePath: string;
  readonly mountPoint: string;
  /** File with the secret of the workload, which is the key of the volume. */
  readonly keyFile: string;
}

/** What the preparation uses of its surroundings. */
export interface VolumeMeans {
  /** Makes an ext4 file system where there is none, and mounts it. */
  readonly prepareFileSystem: (device: string, mountPoint: string) => Promise<void>;
  /** `PATH` finds the program. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Deriving the key takes seconds by design. */
const TIMEOUT_MS = 5 * 60_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** KiB; what the key derivation takes by default would be too much for small guests. */
const PBKDF_MEMORY = "--pbkdf-memory=10240";
const NOT_LUKS = 1;
/** What `cryptsetup` does by default, and the only form that is opened. */
const FORMAT = ["--type", "luks2", "--cipher", LUKS_CIPHER, "--key-size", "512"];

/** Exit statuses of cryptsetup(8). */
const STATUS_MEANINGS: Readonly<Record<number, string>> = {
  1: "wrong parameters",
  2: "the key does not open the volume",
  3: "out of memory",
  4: "no such device, or no permission",
  5: "the device is in use",
};

/**
 * Opens the encrypted volume of a workload and mounts it; encrypts the device first where it is not LUKS, which destroys
 * what was on it. A volume that an earlier start of the container left open is mounted again. The key reaches
 * `cryptsetup` as the name of its file only.
 *
 * Deviates from the original in two points. Where it cannot be told whether the device is LUKS (no such device, no
 * memory, no permission), nothing is encrypted. And the device belongs to the host, which may change what its header says
 * at any time, so that a copy of the header is checked and used.
 *
 * @throws ContrastError `initializer/secret-missing`, `initializer/volume-failed`, `initializer/volume-untrusted`,
 *   `lib/program-failed`, and what `prepareFileSystem` throws
 * @see edgelesssys/contrast `initializer/cryptsetup.go`; cryptsetup(8)
 */
export async function openEncryptedVolume(volume: EncryptedVolume, means: VolumeMeans): Promise<void> {
  const { devicePath, mountPoint, keyFile } = volume;
  const { log } = means;
  await checkKeyFile(keyFile);
  const name = mappingName(devicePath, mountPoint);
  const cryptsetup = (...args: readonly string[]): Promise<ProgramResult> => run(args, means);
  const isLuks = await cryptsetup("isLuks", "--debug", devicePath);
  if (isLuks.exitCode !== 0 && isLuks.exitCode !== NOT_LUKS) throw failed("isLuks", isLuks, devicePath);
  if (isLuks.exitCode === NOT_LUKS) {
    log.warn("the device is not encrypted yet: formatting it", { device: devicePath });
    await succeed(
      "luksFormat",
      cryptsetup("luksFormat", "--batch-mode", ...FORMAT, PBKDF_MEMORY, devicePath, keyFile),
      devicePath,
    );
  }
  if ((await cryptsetup("status", name)).exitCode === 0)
    log.info("the volume is open already", { device: devicePath, name });
  else await openChecked(volume, name, means);
  await means.prepareFileSystem(`/dev/mapper/${name}`, mountPoint);
  log.info("volume mounted", { device: devicePath, name, mountPoint });
}

async function openChecked({ devicePath, keyFile }: EncryptedVolume, name: string, means: VolumeMeans): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "contrast-luks-"));
  const header = join(directory, "header");
  const step = async (action: string, ...args: readonly string[]): Promise<string> => {
    const result = await run([action, ...args], means);
    if (result.exitCode !== 0) throw failed(action, result, devicePath);
    return result.stdout;
  };
  try {
    await step("luksHeaderBackup", devicePath, "--header-backup-file", header);
    checkLuksHeader(await step("luksDump", "--dump-json-metadata", header), devicePath);
    await step("open", "--type", "luks2", "--header", header, devicePath, name, "-d", keyFile);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function checkKeyFile(path: string): Promise<void> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw missing(path, messageOf(error), error);
  });
  if (size === 0) throw missing(path, "it is empty");
}

async function run(args: readonly string[], { env, signal }: VolumeMeans): Promise<ProgramResult> {
  const bounds = { timeoutMs: TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES };
  return await runProgram("cryptsetup", args, { input: "", env, signal, ...bounds, isHeard: true });
}

async function succeed(action: string, running: Promise<ProgramResult>, device: string): Promise<void> {
  const result = await running;
  if (result.exitCode !== 0) throw failed(action, result, device);
}

function failed(action: string, { exitCode: status, complaint }: ProgramResult, device: string): ContrastError {
  const saying = complaint === undefined ? "" : `, saying ${quoteText(complaint, 300)}`;
  const fact = `"cryptsetup ${action}" ended with status ${status} (${STATUS_MEANINGS[status] ?? "unknown"})${saying}`;
  return new ContrastError("initializer/volume-failed", `Cannot prepare the volume on "${device}": ${fact}`, {
    hint: "Check the device and that the container is privileged; a volume opens only with the secret of its workload.",
    details: { device, status },
  });
}

function missing(path: string, fact: string, cause?: unknown): ContrastError {
  return new ContrastError("initializer/secret-missing", `Cannot read the key of the volume "${path}": ${fact}`, {
    cause,
    hint: "Run the Initializer first; the manifest must name a workload secret for this workload.",
    details: { path },
  });
}
