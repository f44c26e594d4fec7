import { describe, expect, test } from "bun:test";
import { type Ext4Volume, prepareExt4Volume, type VolumeSystem } from "../../src/lib/ext4-volume.ts";
import { createLogger } from "../../src/lib/log.ts";
import { codeOfAsync } from "../fakes/error-code.ts";

const EXT4 = "DEVNAME=/dev/csi0\nUUID=0a1b\nBLOCK_SIZE=4096\nTYPE=ext4\n";

/** A computer whose programs end with these statuses; records what is asked of it. */
function fakeSystem(blkid: { exitCode: number; stdout?: string }, statuses: Partial<Record<string, number>> = {}) {
  const calls: string[][] = [];
  const lines: string[] = [];
  const system: VolumeSystem = {
    run: async (name, args) => {
      calls.push([name, ...args]);
      return name === "blkid" ? { stdout: "", ...blkid } : { exitCode: statuses[name] ?? 0, stdout: "" };
    },
    deviceNumber: async () => 7,
    mountedNumber: async () => 1,
    makeDirectory: async (path) => void calls.push(["mkdir", path]),
  };
  const volume: Ext4Volume = {
    device: "/dev/csi0",
    mountPoint: "/mnt/my state",
    env: {},
    signal: new AbortController().signal,
    log: createLogger(
      -10,
      (line) => void lines.push(line),
      () => new Date(0),
    ),
  };
  return { system, volume, calls, lines };
}

const BLKID = ["blkid", "-o", "export", "/dev/csi0"];
const MKFS = ["mkfs.ext4", "/dev/csi0"];
const MKDIR = ["mkdir", "/mnt/my state"];
const MOUNT = ["mount", "-t", "ext4", "-o", "nosuid,nodev", "/dev/csi0", "/mnt/my state"];

describe("prepareExt4Volume()", () => {
  test("mounts an ext4 volume as it is", async () => {
    const { system, volume, calls, lines } = fakeSystem({ exitCode: 0, stdout: EXT4 });
    await prepareExt4Volume(volume, system);
    expect(calls).toEqual([BLKID, MKDIR, MOUNT]);
    expect(lines.some((line) => line.includes("WARN"))).toBe(false);
  });

  test.each<[string, { exitCode: number; stdout?: string }, string]>([
    ["that is empty", { exitCode: 2 }, "type=none"],
    ["with another file system", { exitCode: 0, stdout: EXT4.replace("ext4", "xfs") }, "type=xfs uuid=0a1b"],
    ["with a partition table", { exitCode: 0, stdout: "DEVNAME=/dev/csi0\nPTTYPE=gpt\n" }, "type=gpt"],
  ])("formats a volume %s, and says so", async (_, blkid, fields) => {
    const { system, volume, calls, lines } = fakeSystem(blkid);
    await prepareExt4Volume(volume, system);
    expect(calls).toEqual([BLKID, MKFS, MKDIR, MOUNT]);
    expect(lines.find((line) => line.includes("WARN"))).toContain(fields);
  });

  test.each<[string, { exitCode: number; stdout?: string }]>([
    ["does not know the option", { exitCode: 4 }],
    ["finds several kinds", { exitCode: 8, stdout: EXT4.replace("ext4", "xfs") }],
    ["says nothing", { exitCode: 0 }],
    ["answers nonsense", { exitCode: 0, stdout: "ext4\n" }],
    ["contradicts itself", { exitCode: 0, stdout: `${EXT4}TYPE=xfs\n` }],
  ])("formats nothing when blkid %s", async (_, blkid) => {
    const { system, volume, calls } = fakeSystem(blkid);
    expect(await codeOfAsync(() => prepareExt4Volume(volume, system))).toBe("lib/volume-unusable");
    expect(calls).toEqual([BLKID]);
  });

  test("formats nothing that cannot be read, though blkid finds it empty", async () => {
    const { system, volume, calls } = fakeSystem({ exitCode: 2 });
    const broken = { ...system, deviceNumber: () => Promise.reject(new Error("EIO: i/o error, read")) };
    expect(await codeOfAsync(() => prepareExt4Volume(volume, broken))).toBe("lib/volume-unusable");
    expect(calls).toEqual([]);
  });

  test("leaves a volume alone that is mounted already", async () => {
    const { system, volume, calls } = fakeSystem({ exitCode: 2 });
    await prepareExt4Volume(volume, { ...system, mountedNumber: async () => 7 });
    expect(calls).toEqual([]);
  });

  test.each([
    ["mkfs.ext4", 1, [BLKID, MKFS]],
    ["mount", 32, [BLKID, MKFS, MKDIR, MOUNT]],
    ["mount", 99, [BLKID, MKFS, MKDIR, MOUNT]],
  ])("stops where %s ends with status %d", async (name, status, expected) => {
    const { system, volume, calls } = fakeSystem({ exitCode: 2 }, { [name]: status });
    expect(await codeOfAsync(() => prepareExt4Volume(volume, system))).toBe("lib/volume-unusable");
    expect(calls).toEqual(expected);
  });

  test("stops where it cannot make the mount point", async () => {
    const { system, volume, calls } = fakeSystem({ exitCode: 0, stdout: EXT4 });
    const full = { ...system, makeDirectory: () => Promise.reject(new Error("EROFS: read-only file system, mkdir")) };
    expect(await codeOfAsync(() => prepareExt4Volume(volume, full))).toBe("lib/volume-unusable");
    expect(calls).toEqual([BLKID]);
  });

  test.each(["/dev/null", "/", import.meta.path, "/no/such/device"])(
    "refuses %s, which is no block device",
    async (device) => {
      const { volume } = fakeSystem({ exitCode: 2 });
      expect(await codeOfAsync(() => prepareExt4Volume({ ...volume, device }))).toBe("lib/volume-unusable");
    },
  );
});
