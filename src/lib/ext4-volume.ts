import { constants } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { ContrastError, messageOf } from "./errors.ts";
import type { Logger } from "./log.ts";
import { quoteText } from "./quote-text.ts";
import { type ProgramResult, runProgram } from "./run-program.ts";

/** A block device that is to be mounted. */
export interface Ext4Volume {
  /** Such as `/dev/csi0`. */
  readonly device: string;
  /** What to do where there is no such device. */
  readonly absentHint?: string;
  /** Made with mode 0755 if it is missing. */
  readonly mountPoint: string;
  /** `PATH` finds the programs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** What the preparation does to the computer. */
export interface VolumeSystem {
  /** Runs a helper program to its end. */
  run(name: string, args: readonly string[], volume: Ext4Volume): Promise<ProgramResult>;
  /** The number of a block device that can be read; throws the platform's error or its own. */
  deviceNumber(path: string): Promise<number>;
  /** The number of the device that a directory is on; undefined when there is no such directory. */
  mountedNumber(path: string): Promise<number | undefined>;
  makeDirectory(path: string): Promise<void>;
}

/** Large volumes take minutes to format. */
const TIMEOUT_MS = 10 * 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Exit status of blkid(8) for a device on which nothing was recognised. */
const NOT_IDENTIFIED = 2;

/** Exit statuses of mount(8). */
const MOUNT_MEANINGS: Readonly<Record<number, string>> = { 1: "no permission", 2: "system error", 32: "mount failure" };

const nodeVolumeSystem: VolumeSystem = {
  run: (name, args, { env, signal }) =>
    runProgram(name, args, {
      input: "",
      env,
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      signal,
      isHeard: true,
    }),
  deviceNumber: async (path) => {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await handle.stat();
      if (!found.isBlockDevice()) throw new Error("not a block device");
      // To blkid, a device that cannot be read looks like one without a file system.
      await handle.read(new Uint8Array(4096), 0, 4096, 0);
      return found.rdev;
    } finally {
      await handle.close();
    }
  },
  mountedNumber: async (path) => (await stat(path).catch(() => undefined))?.dev,
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o755 });
  },
};

/**
 * Mounts a volume, after making an ext4 file system where there is no other one of that kind: whatever else is on the
 * device is lost, as in the original, and the log says what that was. A volume that is mounted there already stays.
 *
 * Deviates from the original in one point: where it cannot be told what is on the device (it cannot be read, `blkid`
 * fails otherwise than with status 2), nothing is formatted.
 *
 * @throws ContrastError `lib/volume-unusable`, `lib/program-failed`
 * @see edgelesssys/contrast `internal/mount`; blkid(8), mkfs.ext4(8), mount(8)
 */
export async function prepareExt4Volume(volume: Ext4Volume, system: VolumeSystem = nodeVolumeSystem): Promise<void> {
  const { device, mountPoint, log } = volume;
  const number = await asking(volume, () => system.deviceNumber(device), volume.absentHint);
  if ((await system.mountedNumber(mountPoint)) === number) {
    log.info("volume is mounted already", { device, mountPoint });
    return;
  }
  const found = await identify(volume, system);
  if (found.get("TYPE") !== "ext4") {
    log.warn("formatting the volume with ext4; what was on it is lost", {
      device,
      type: found.get("TYPE") ?? found.get("PTTYPE") ?? "none",
      uuid: found.get("UUID"),
    });
    const { exitCode, complaint } = await system.run("mkfs.ext4", [device], volume);
    if (exitCode !== 0) throw unusable(volume, `mkfs.ext4 ended with status ${exitCode}${saying(complaint)}`);
  }
  await asking(volume, () => system.makeDirectory(mountPoint));
  const { exitCode, complaint } = await system.run("mount", [...MOUNT_OPTIONS, device, mountPoint], volume);
  if (exitCode !== 0) {
    const meaning = MOUNT_MEANINGS[exitCode] ?? "unknown";
    const fact = `mount at "${mountPoint}" ended with status ${exitCode} (${meaning})`;
    throw unusable(volume, `${fact}${saying(complaint)}`);
  }
  log.info("mounted volume", { device, mountPoint });
}

/**
 * The device may be the host's, which can put anything on it after it was looked at: no other file system's code is to
 * read it, and nothing on it makes anybody root.
 */
const MOUNT_OPTIONS = ["-t", "ext4", "-o", "nosuid,nodev"];

const RUN_BY_HAND = "Run the failed program by hand on the device to see why; nothing more was done to the volume.";

/** What blkid says about the device, by key; empty where it recognises nothing. */
async function identify(volume: Ext4Volume, system: VolumeSystem): Promise<ReadonlyMap<string, string>> {
  const { exitCode, stdout, complaint } = await system.run("blkid", ["-o", "export", volume.device], volume);
  if (exitCode === NOT_IDENTIFIED) return new Map();
  if (exitCode !== 0) throw unusable(volume, `blkid ended with status ${exitCode}${saying(complaint)}`);
  const values = new Map<string, string>();
  for (const line of stdout.split("\n").filter((text) => text !== "")) {
    const [, key, value] = /^([A-Z0-9_]+)=(.*)$/s.exec(line) ?? [];
    if (key === undefined || value === undefined || values.has(key)) throw unusable(volume, "blkid answered nonsense");
    values.set(key, value);
  }
  if (values.size === 0) throw unusable(volume, "blkid answered nothing");
  return values;
}

function saying(complaint: string | undefined): string {
  return complaint === undefined ? "" : `, saying ${quoteText(complaint, 300)}`;
}

async function asking<T>(volume: Ext4Volume, step: () => Promise<T>, hint: string = RUN_BY_HAND): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw unusable(volume, messageOf(error), error, hint);
  }
}

function unusable(
  { device, mountPoint }: Ext4Volume,
  fact: string,
  cause?: unknown,
  hint: string = RUN_BY_HAND,
): ContrastError {
  return new ContrastError("lib/volume-unusable", `Cannot prepare volume "${device}": ${fact}`, {
    cause,
    hint,
    details: { device, mountPoint },
  });
}
