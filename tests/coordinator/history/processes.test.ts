import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { openHistory } from "../../../src/coordinator/history/history.ts";
import { nodeDisk } from "../../../src/lib/disk.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../../fakes/campaign.ts";
import { manifestNames } from "../../fakes/history-scenario.ts";
import { seededRandom } from "../../fakes/mutations.ts";
import { isPermitted } from "../../fakes/peers.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

setDefaultTimeout(CAMPAIGN_TIMEOUT_MS);

const WRITER = join(import.meta.dir, "../../fakes/history-writer.ts");
const KILLS = IS_CAMPAIGN ? 200 : 10;
const canMount = isPermitted("history on a full disk", "unshare", "--map-root-user", "--mount", "true");

const pause = async (milliseconds: number): Promise<void> =>
  await new Promise((done) => setTimeout(done, milliseconds));

function startWriter(directory: string, name: string, count: number): Bun.Subprocess<"ignore", "pipe", "inherit"> {
  return Bun.spawn([process.execPath, WRITER, directory, name, String(count)], { stdin: "ignore", stderr: "inherit" });
}

async function outputOf(writer: Bun.Subprocess<"ignore", "pipe", "inherit">): Promise<string[]> {
  return (await new Response(writer.stdout).text()).split("\n").filter((line) => line !== "");
}

const namesIn = async (directory: string): Promise<readonly string[]> =>
  await manifestNames(await openHistory(directory, nodeDisk));

describe("processes on one history", () => {
  test("make one chain together, with everything that was acknowledged", async () => {
    const directory = join(temporaryDirectory(), "history");
    const acknowledged = await Promise.all(["a", "b", "c"].map((name) => outputOf(startWriter(directory, name, 15))));
    const names = await namesIn(directory);
    expect(names).toHaveLength(45);
    for (const own of acknowledged) expect(names.filter((name) => own.includes(name))).toEqual(own);
  });

  test("are killed at any time and leave the old or the new state", async () => {
    const seed = IS_CAMPAIGN ? Date.now() : 4;
    const below = seededRandom(seed);
    let directory = "";
    let before: readonly string[] = [];
    for (let round = 0; round < KILLS; round++) {
      if (round % 20 === 0) {
        directory = join(temporaryDirectory(), "history");
        before = [];
      }
      const writer = startWriter(directory, `round-${round}`, 1000);
      const reader = writer.stdout.getReader();
      const { value: first = new Uint8Array() } = await reader.read();
      await pause(below(20));
      writer.kill("SIGKILL");
      let output = new TextDecoder().decode(first);
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        output += new TextDecoder().decode(piece.value);
      }
      const acknowledged = [...before, ...output.split("\n").filter((line) => line !== "")];
      const names = await namesIn(directory);
      // The seed, in case it fails.
      expect({ seed, names: names.slice(0, acknowledged.length) }).toEqual({ seed, names: acknowledged });
      expect(names.length - acknowledged.length).toBeOneOf([0, 1]);
      before = names;
    }
  });
});

describe.if(canMount)("a history on a real disk", () => {
  /** Runs commands as root of a mount namespace of its own, with the writer in `$WRITE`. */
  function inNamespace(directory: string, script: string): string[] {
    const { stdout, exitCode } = Bun.spawnSync(["unshare", "--map-root-user", "--mount", "sh", "-c", script], {
      env: { ...process.env, DISK: directory, WRITE: `${process.execPath} ${WRITER} ${directory}/history` },
      stderr: "inherit",
    });
    expect(exitCode).toBe(0);
    return stdout
      .toString()
      .split("\n")
      .filter((line) => line !== "");
  }

  test("that is full names the cause, and goes on when there is room", async () => {
    const directory = temporaryDirectory();
    const kept = join(temporaryDirectory(), "history");
    const lines = inNamespace(
      directory,
      `mount -t tmpfs -o size=256k none "$DISK"; $WRITE full 1000; find "$DISK" -name ".*.tmp"; mount -o remount,size=4m "$DISK"
       $WRITE room 3; cp -r "$DISK/history" ${kept}`,
    );
    const failed = lines.indexOf("coordinator/history-unwritable ENOSPC");
    expect(failed).toBeGreaterThan(1);
    expect(lines.slice(failed + 1)).toEqual(["room-0", "room-1", "room-2"]);
    expect(await namesIn(kept)).toEqual(lines.filter((line) => !line.startsWith("coordinator/")));
  });

  test("that became read-only names the cause and can still be read", async () => {
    const directory = temporaryDirectory();
    const kept = join(temporaryDirectory(), "history");
    const lines = inNamespace(
      directory,
      `mount -t tmpfs none "$DISK"; $WRITE before 2; mount -o remount,ro "$DISK"
       $WRITE lost 1; cp -r "$DISK/history" ${kept}`,
    );
    expect(lines).toEqual(["before-0", "before-1", "coordinator/history-unwritable EROFS"]);
    expect(await namesIn(kept)).toEqual(["before-0", "before-1"]);
  });
});
