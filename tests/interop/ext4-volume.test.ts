import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openHistory } from "../../src/coordinator/history/history.ts";
import { nodeDisk } from "../../src/lib/disk.ts";
import { prepareExt4Volume } from "../../src/lib/ext4-volume.ts";
import { manifestNames, setManifest } from "../fakes/history-scenario.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

setDefaultTimeout(60_000);

function run(name: string, ...parameters: string[]): string {
  const { status, stdout, stderr } = spawnSync(name, parameters, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  return stdout.trim();
}

/** A block device of 16 MiB behind a file; undefined, after one line that says so, where there can be none. */
function loopDevice(file: string): string | undefined {
  writeFileSync(file, "");
  truncateSync(file, 16 * 1024 * 1024);
  try {
    return run("losetup", "--find", "--show", file);
  } catch (error) {
    console.warn(`skipped: volumes on a real block device: need root and loop devices: ${String(error)}`);
    return undefined;
  }
}

const directory = temporaryDirectory();
const device = loopDevice(join(directory, "volume.img"));

describe.if(device !== undefined)("prepareExt4Volume()", () => {
  const mountPoint = join(directory, "mnt", "state");
  const log = recordLog();
  const prepare = (): Promise<void> =>
    prepareExt4Volume({ device: device!, mountPoint, env: process.env, signal: new AbortController().signal, log });

  afterAll(() => {
    spawnSync("umount", [mountPoint]);
    spawnSync("losetup", ["--detach", device!]);
  });

  test("formats an empty device once, mounts it, and keeps the history on it", async () => {
    await prepare();
    expect(readFileSync("/proc/self/mounts", "utf8")).toContain(`${device} ${mountPoint} ext4`);
    await setManifest(await openHistory(join(mountPoint, "history"), nodeDisk), undefined, "kept");
    await prepare();
    run("umount", mountPoint);
    expect(statSync(mountPoint).mode & 0o777).toBe(0o755);
    await prepare();
    expect(await manifestNames(await openHistory(join(mountPoint, "history"), nodeDisk))).toEqual(["kept"]);
  });
});
