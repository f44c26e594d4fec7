import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { openEncryptedVolume } from "../../src/initializer/encrypted-volume.ts";
import { mappingName } from "../../src/initializer/mapping-name.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

setDefaultTimeout(60_000);

const isReady = hasPrograms("encrypted volumes with the real cryptsetup", "cryptsetup");
const MOUNT_POINT = "/state";
const quickFormat = folderOfQuickFormat();

function cryptsetup(...words: readonly string[]) {
  return spawnSync("cryptsetup", words, { encoding: "utf8" });
}

/**
 * A folder with a `cryptsetup` that is the real one, but spends a tenth of a second instead of two on making each try of
 * a key slow; all else is as the product asks for it.
 */
function folderOfQuickFormat(): string {
  const folder = temporaryDirectory();
  const script = `#!/bin/sh
[ "$1" != luksFormat ] || set -- "$@" --iter-time=100
exec "${Bun.which("cryptsetup")}" "$@"
`;
  writeFileSync(join(folder, "cryptsetup"), script, { mode: 0o755 });
  return folder;
}

/** Opens a file as a volume. Kernels without device mapper, as those of many containers, get as far as `open`. */
async function open(devicePath: string, keyFile: string): Promise<string> {
  const mounted: string[] = [];
  try {
    await openEncryptedVolume(
      { devicePath, mountPoint: MOUNT_POINT, keyFile },
      {
        prepareFileSystem: (device) => Promise.resolve(void mounted.push(device)),
        env: { ...process.env, PATH: `${quickFormat}${delimiter}${process.env["PATH"]}` },
        log: recordLog(),
        signal: new AbortController().signal,
      },
    );
    return mounted.join(" ");
  } catch (error) {
    return error instanceof ContrastError ? error.message : String(error);
  } finally {
    cryptsetup("close", mappingName(devicePath, MOUNT_POINT));
  }
}

const QUICK_TRIES = ["--pbkdf-memory=10240", "--pbkdf-force-iterations=4", "--pbkdf-parallel=1"];

describe.if(isReady)("openEncryptedVolume() with the real cryptsetup", () => {
  test("formats once, with the file of the secret as key and little memory, and never again", async () => {
    const directory = temporaryDirectory();
    const [device, keyFile] = [join(directory, "volume.img"), join(directory, "workload-secret-seed")];
    writeFileSync(keyFile, "ab".repeat(64));
    writeFileSync(device, "");
    truncateSync(device, 32 * 1024 * 1024);
    const name = mappingName(device, MOUNT_POINT);
    const isMapped = new RegExp(`^/dev/mapper/${name}$|"cryptsetup open" ended with status 1 .*device-mapper`);

    expect(await open(device, keyFile)).toMatch(isMapped);
    expect(cryptsetup("luksDump", device).stdout).toMatch(/Memory:\s+10240\b/);
    // Only who has the key can make its tries quick, as the following ones are.
    expect(cryptsetup("luksConvertKey", ...QUICK_TRIES, "-d", keyFile, device)).toMatchObject({ status: 0 });
    const uuid = cryptsetup("luksUUID", device).stdout;

    expect(await open(device, keyFile)).toMatch(isMapped);
    expect(cryptsetup("luksUUID", device).stdout).toBe(uuid);

    writeFileSync(keyFile, "cd".repeat(64));
    expect(await open(device, keyFile)).toMatch(/"cryptsetup open" ended with status (?:1|2) /);
    expect(cryptsetup("luksUUID", device).stdout).toBe(uuid);
  });

  test("does not open a genuine volume whose header somebody has told to encrypt nothing", async () => {
    const directory = temporaryDirectory();
    const [device, keyFile] = [join(directory, "volume.img"), join(directory, "workload-secret-seed")];
    writeFileSync(keyFile, "ab".repeat(64));
    writeFileSync(device, "");
    truncateSync(device, 32 * 1024 * 1024);
    // As the product formats it, except that each try of a key is quick.
    expect(cryptsetup("luksFormat", "--batch-mode", ...QUICK_TRIES, device, keyFile)).toMatchObject({ status: 0 });
    expect(await open(device, keyFile)).not.toContain("Cannot trust");
    switchEncryptionOff(device);
    // The key opens it as before, so that nothing else would notice.
    expect(cryptsetup("open", "--test-passphrase", "-d", keyFile, device).status).toBe(0);
    expect(cryptsetup("luksDump", device).stdout).toContain("cipher_null-ecb");
    expect(await open(device, keyFile)).toContain("Cannot trust the volume");
  });
});

/** Changes the cipher of the data in both copies of the metadata, as whoever can write to the device can. */
function switchEncryptionOff(device: string): void {
  const volume = readFileSync(device);
  const size = Number(volume.readBigUInt64BE(8));
  for (const at of [0, size]) {
    const header = volume.subarray(at, at + size);
    const metadata = JSON.parse(header.toString("latin1", JSON_AT, header.indexOf(0, JSON_AT)));
    metadata.segments["0"].encryption = "cipher_null-ecb";
    header.fill(0, JSON_AT).write(JSON.stringify(metadata), JSON_AT);
    header.fill(0, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES);
    createHash("sha256").update(header).digest().copy(header, CHECKSUM_AT);
  }
  writeFileSync(device, volume);
}

/** Of the binary header of LUKS2. */
const JSON_AT = 4096;
const CHECKSUM_AT = 448;
const CHECKSUM_BYTES = 64;
