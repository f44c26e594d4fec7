import { describe, expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEncryptedVolume } from "../../src/initializer/encrypted-volume.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { type RecordedLog, recordLog } from "../fakes/image-provider.ts";
import { luksMetadata, type PlainLuksMetadata } from "../fakes/luks-metadata.ts";
import { type RecordingPrograms, recordingPrograms } from "../fakes/recording-programs.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const directory = temporaryDirectory();
const SECRET = "ab".repeat(64);
const KEY_FILE = join(directory, "workload-secret-seed");
writeFileSync(KEY_FILE, SECRET);

const NAME = "7bfcd783e98dd63a";
const IS_LUKS = "cryptsetup isLuks --debug /dev/csi0";
const FORM = "--type luks2 --cipher aes-xts-plain64 --key-size 512";
const FORMAT = `cryptsetup luksFormat --batch-mode ${FORM} --pbkdf-memory=10240 /dev/csi0 ${KEY_FILE}`;
const STATUS = `cryptsetup status ${NAME}`;
const OPEN = [
  "cryptsetup luksHeaderBackup /dev/csi0 --header-backup-file HEADER",
  "cryptsetup luksDump --dump-json-metadata HEADER",
  `cryptsetup open --type luks2 --header HEADER /dev/csi0 ${NAME} -d ${KEY_FILE}`,
];
const CLOSED = { [`status ${NAME}`]: 4 };

interface Opened {
  readonly programs: RecordingPrograms;
  readonly mounted: string[];
  readonly log: RecordedLog;
  readonly result: Promise<void>;
}

function open(
  statuses: Readonly<Record<string, number>>,
  keyFile = KEY_FILE,
  metadata: PlainLuksMetadata = luksMetadata(),
): Opened {
  const recorded = recordingPrograms(
    { cryptsetup: statuses },
    { cryptsetup: { "luksDump --dump-json-metadata": JSON.stringify(metadata) } },
  );
  const programs = { ...recorded, calls: () => recorded.calls().map(withoutDirectory) };
  const mounted: string[] = [];
  const log = recordLog();
  const result = openEncryptedVolume(
    { devicePath: "/dev/csi0", mountPoint: "/state", keyFile },
    {
      prepareFileSystem: (device, mountPoint) => Promise.resolve(void mounted.push(`${device} ${mountPoint}`)),
      env: programs.env,
      log,
      signal: new AbortController().signal,
    },
  );
  return { programs, mounted, log, result };
}

/** The copy of the header has another place each time. */
function withoutDirectory(call: string): string {
  return call.replaceAll(/\S*contrast-luks-\w+\/header/g, "HEADER");
}

function copiesOfHeaders(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("contrast-luks-"));
}

describe("openEncryptedVolume()", () => {
  test("opens a volume that is encrypted already, and destroys nothing", async () => {
    const { programs, mounted, result } = open(CLOSED);
    await result;
    expect(programs.calls()).toEqual([IS_LUKS, STATUS, ...OPEN]);
    expect(mounted).toEqual([`/dev/mapper/${NAME} /state`]);
  });

  test("encrypts a device that is not, with a warning", async () => {
    const { programs, log, result } = open({ ...CLOSED, isLuks: 1 });
    await result;
    expect(programs.calls()).toEqual([IS_LUKS, FORMAT, STATUS, ...OPEN]);
    expect(log.lines.filter((line) => line.startsWith("warn")).length).toBe(1);
  });

  test("mounts a volume again that an earlier start left open", async () => {
    const { programs, mounted, result } = open({});
    await result;
    expect(programs.calls()).toEqual([IS_LUKS, STATUS]);
    expect(mounted.length).toBe(1);
  });

  test.each([2, 3, 4, 5, 127])("encrypts nothing where the device cannot be judged (status %d)", async (status) => {
    const { programs, mounted, result } = open({ isLuks: status });
    expect(await codeOfAsync(() => result)).toBe("initializer/volume-failed");
    expect([programs.calls(), mounted]).toEqual([[IS_LUKS], []]);
  });

  test.each([
    ["the encryption", { ...CLOSED, isLuks: 1, luksFormat: 5 }],
    ["the copy of the header", { ...CLOSED, luksHeaderBackup: 1 }],
    ["the reading of the header", { ...CLOSED, luksDump: 1 }],
    ["the opening", { ...CLOSED, open: 2 }],
  ])("mounts nothing where %s fails", async (_name, statuses) => {
    const { mounted, result } = open(statuses);
    expect(await codeOfAsync(() => result)).toBe("initializer/volume-failed");
    expect(mounted).toEqual([]);
  });

  test("opens no volume whose header asks for no encryption, and leaves no copy of it", async () => {
    const metadata = luksMetadata();
    metadata.segments["0"]!["encryption"] = "cipher_null-ecb";
    const before = copiesOfHeaders();
    const { programs, mounted, result } = open(CLOSED, KEY_FILE, metadata);
    expect(await codeOfAsync(() => result)).toBe("initializer/volume-untrusted");
    expect(programs.calls()).toEqual([IS_LUKS, STATUS, ...OPEN.slice(0, 2)]);
    expect(mounted).toEqual([]);
    expect(copiesOfHeaders()).toEqual(before);
  });

  test("fails where cryptsetup is not there", async () => {
    const volume = { devicePath: "/dev/csi0", mountPoint: "/state", keyFile: KEY_FILE };
    const { signal } = new AbortController();
    const means = { prepareFileSystem: () => Promise.resolve(), env: { PATH: directory }, log: recordLog(), signal };
    expect(await codeOfAsync(() => openEncryptedVolume(volume, means))).toBe("lib/program-failed");
  });

  test("touches nothing without a secret", async () => {
    writeFileSync(join(directory, "empty"), "");
    for (const name of ["empty", "missing"]) {
      const { programs, result } = open(CLOSED, join(directory, name));
      expect(await codeOfAsync(() => result)).toBe("initializer/secret-missing");
      expect(programs.calls()).toEqual([]);
    }
  });

  test("shows the secret to nobody but by the name of its file", async () => {
    const { programs, log, result } = open({ ...CLOSED, isLuks: 1 });
    await result;
    expect([...programs.calls(), ...log.lines].join("\n")).not.toContain(SECRET);
  });
});
