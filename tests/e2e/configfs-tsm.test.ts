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
set -em
tsm=/sys/kernel/config/tsm/report
mount -t tmpfs tmpfs /sys/kernel
mkdir -p "$tsm"
"$BUN" "$MOUNT" "$tsm" "$DELAY" >"$LOG" 2>&1 &
for _ in $(seq 100); do grep -qs ready "$LOG" && break; sleep 0.1; done
"$PROGRAM" evidence issue --offline --report-data "$DATA" "$OUT" &
program=$!
if [ "$DELAY" != 0 ]; then
  for _ in $(seq 100); do grep -qs asked "$LOG" && break; sleep 0.1; done
  kill -INT "$program"
fi
wait "$program" || echo "status $?"
umount -l "$tsm"
`;

const DATA = "5a".repeat(64);

/** What was written, and what the kernel saw. */
interface Run {
  readonly output: string;
  readonly evidence: Uint8Array | undefined;
  readonly seen: readonly string[];
}

/** @param delayMs how long the kernel takes for a report; the program is interrupted meanwhile if that is not 0 */
async function issueOnMount(delayMs: number): Promise<Run> {
  const directory = temporaryDirectory();
  const [log, out] = [join(directory, "log"), join(directory, "evidence.bin")];
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: directory,
    BUN: process.execPath,
    MOUNT,
    LOG: log,
    OUT: out,
    DATA,
    DELAY: String(delayMs),
    PROGRAM: await contrastBinary(),
  };
  const { status, stdout, stderr } = spawnSync("unshare", ["-m", "bash", "--norc", "-c", SCRIPT], {
    env,
    timeout: 50_000,
  });
  expect([status, stderr.toString()]).toEqual([0, expect.any(String)]);
  return {
    output: `${stdout.toString()}${stderr.toString()}`,
    evidence: existsSync(out) ? new Uint8Array(readFileSync(out)) : undefined,
    seen: readFileSync(log, "utf8").trimEnd().split("\n"),
  };
}

/** One entry to find out what the machine is, one for the report. */
const STEPS = [
  "ready",
  "made contrast-…",
  "removed after 0 writes",
  "made contrast-…",
  "asked for a report",
  "removed after 1 writes",
];

describe("the compiled binary", () => {
  test.skipIf(!canMount)(
    "makes evidence through a directory with the rules of configfs, and removes its entries",
    async () => {
      const { evidence, seen, output } = await issueOnMount(0);
      expect(output).toContain("configfs-tsm (sev_guest)");
      expect(parseSnpAttestation(evidence!).report.reportData.toHex()).toBe(DATA);
      expect(seen).toEqual(STEPS);
    },
  );

  test.skipIf(!canMount)("removes its entries when it is interrupted while the kernel is at work", async () => {
    const { evidence, seen, output } = await issueOnMount(500);
    expect([evidence, seen]).toEqual([undefined, STEPS]);
    expect(output).toContain("Error: interrupted");
  });

  test.skipIf(process.platform !== "linux")("can call ioctl, though it generates no code from strings", async () => {
    const binary = await fixtureBinary("ioctl-main");
    const { stdout } = await runBinary([], { binary });
    expect(JSON.parse(stdout)).toEqual({ returned: -1, errno: 25 });
  });
});
