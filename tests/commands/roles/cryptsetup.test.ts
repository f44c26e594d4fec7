import { describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { luksMetadata } from "../../fakes/luks-metadata.ts";
import { recordingPrograms } from "../../fakes/recording-programs.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const directory = temporaryDirectory();
const done = join(directory, "done");
const secret = join(directory, "secret");
writeFileSync(secret, "ab".repeat(64));

function words(mountPoint: string): readonly string[] {
  const volume = ["--device-path", "/dev/csi0", "-m", mountPoint];
  return ["initializer", "cryptsetup", ...volume, "--secret-file", secret, "--done-file", done];
}

describe("contrast initializer cryptsetup", () => {
  test("is not done where the opened volume cannot be mounted", async () => {
    const { env, calls } = recordingPrograms(
      { cryptsetup: { status: 4 }, blkid: {}, "mkfs.ext4": {}, mount: {} },
      { cryptsetup: { luksDump: JSON.stringify(luksMetadata()) } },
    );
    expect(await codeOfAsync(() => callCommand(words(join(directory, "state")), recordIo({ env })))).toBe(
      "lib/volume-unusable",
    );
    expect(calls().map((call) => call.split(" ").slice(0, 2).join(" "))).toEqual([
      "cryptsetup isLuks",
      "cryptsetup status",
      "cryptsetup luksHeaderBackup",
      "cryptsetup luksDump",
      "cryptsetup open",
    ]);
    expect(existsSync(done)).toBe(false);
  });

  test.each([
    ["the device", ["-m", "/state"]],
    ["the mount point", ["-d", "/dev/csi0"]],
  ])("needs to know %s", async (_name, flags) => {
    const call = callCommand(["initializer", "cryptsetup", ...flags], recordIo());
    expect(await call.catch((error: { code: string }) => error.code)).toBe("terminal/required-flag");
  });
});
