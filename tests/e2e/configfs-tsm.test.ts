import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSnpAttestation } from "../../src/attestation/snp/snp-attestation.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { contrastBinary, fixtureBinary } from "./binary.ts";
import { runBinary } from "./run-binary.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const MOUNT = join(import.meta.dir, "fixtures", "tsm-mount.ts");
const canMount =
  process.getuid?.() === 0 && existsSync("/dev/fuse") && spawnSync("unshare", ["-m", "true"]).status === 0;
if (!canMount) console.log("skipped: evidence through a mounted configfs-tsm (needs root, /dev/fuse and unshare)");

/** In a name space of its own: a kernel with configfs-tsm, and the program. */
const SCRIPT = `
set -e
tsm=/sys/kernel/config/tsm/report
mount -t tmpfs tmpfs /sys/kernel
mkdir -p "$tsm"
"$BUN" "$MOUNT" "$tsm" >"$LOG" 2>&1 &
for _ in $(seq 100); do grep -qs ready "$LOG" && break; sleep 0.1; done
timeout 20 "$PROGRAM" evidence issue --offline --report-data "$DATA" "$OUT" || true
umount -l "$tsm"
`;

describe("the compiled binary", () => {
  test.skipIf(!canMount)(
    "makes evidence through a mounted directory with the rules of configfs, and removes its entries",
    async () => {
      const directory = temporaryDirectory();
      const [LOG, OUT] = [join(directory, "log"), join(directory, "evidence.bin")];
      const DATA = "5a".repeat(64);
      const PROGRAM = await contrastBinary();
      const env = {
        PATH: process.env["PATH"] ?? "",
        HOME: directory,
        BUN: process.execPath,
        MOUNT,
        LOG,
        OUT,
        DATA,
        PROGRAM,
      };
      const { status, stderr } = spawnSync("unshare", ["-m", "bash", "--norc", "-c", SCRIPT], { env, timeout: 50_000 });
      expect([status, stderr.toString()]).toEqual([0, ""]);
      expect(parseSnpAttestation(new Uint8Array(readFileSync(OUT))).report.reportData.toHex()).toBe(DATA);
      // One entry to find out what the machine is, one for the report.
      const lines = readFileSync(LOG, "utf8").trimEnd().split("\n");
      expect(lines).toEqual([
        "ready",
        "made contrast-…",
        "removed after 0 writes",
        "made contrast-…",
        "removed after 1 writes",
      ]);
    },
  );

  test.skipIf(process.platform !== "linux")("can call ioctl, though it generates no code from strings", async () => {
    const binary = await fixtureBinary("ioctl-main");
    const { stdout } = await runBinary([], { binary });
    expect(JSON.parse(stdout)).toEqual({ returned: -1, errno: 25 });
  });
});
