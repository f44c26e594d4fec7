import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openHistory } from "../../src/coordinator/history/history.ts";
import { nodeDisk } from "../../src/lib/disk.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { manifestNames } from "../fakes/history-scenario.ts";
import { isPermitted } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

setDefaultTimeout(CAMPAIGN_TIMEOUT_MS);

const WRITER = join(import.meta.dir, "../fakes/history-writer.ts");
const SYSCALLS = "fsync,rename,link,mkdir,write,writev,pwritev2,sendto";
/** Of the kills, every so-and-so-many-th. */
const STRIDE = IS_CAMPAIGN ? 1 : 2;
const MOST_KILLS = 100;

/** Runs the writer under strace; what it acknowledged, and whether it came to its end. */
function trace(directory: string, log: string, ...options: string[]) {
  const command = [...options, "-f", "-y", "-o", log, process.execPath, WRITER, directory, "manifest", "2"];
  const { status, stdout } = spawnSync("strace", command, { encoding: "utf8" });
  return { acknowledged: stdout.split("\n").filter((line) => line !== ""), isWhole: status === 0 };
}

/** The calls of a log in the order of their ends; those that threads make at once are logged in two parts. */
function callsOf(log: string): string[] {
  const begun = new Map<string, string>();
  const calls: string[] = [];
  for (const line of readFileSync(log, "utf8").split("\n")) {
    const [, thread = "", text = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const [, beginning] = /^(.*) <unfinished \.\.\.>$/.exec(text) ?? [];
    const [, end] = /^<\.\.\. \w+ resumed>(.*)$/.exec(text) ?? [];
    if (beginning !== undefined) begun.set(thread, beginning);
    else calls.push(end === undefined ? text : `${begun.get(thread)}${end}`);
  }
  return calls;
}

/** What was not durable at the time of each acknowledgement, by the system calls of the process. */
function notDurable(log: string, directory: string): string[] {
  const syncedFiles = new Set<string>();
  const unsynced = new Set<string>();
  const faults: string[] = [];
  let acknowledgements = 0;
  for (const line of callsOf(log)) {
    const [, synced] = /fsync\(\d+<(.*)>\) += 0/.exec(line) ?? [];
    const [, call, from = "", to] = /(rename|link|mkdir)\("([^"]*)"(?:, "([^"]*)"|, 0755)\) += 0/.exec(line) ?? [];
    if (synced !== undefined) {
      syncedFiles.add(synced);
      unsynced.delete(synced);
    } else if (call !== undefined) {
      if (call !== "mkdir" && !syncedFiles.has(from)) faults.push(`${call} of ${from} before its content was synced`);
      unsynced.add(dirname(to ?? from));
    } else if (line.includes('"manifest-')) {
      acknowledgements++;
      faults.push(...[...unsynced].filter((path) => path.startsWith(directory)).map((path) => `${path} is not synced`));
    }
  }
  expect(acknowledgements).toBe(2);
  return faults;
}

describe.if(isPermitted("history by system calls", "strace", "-o", "/dev/null", "true"))("a history on disk", () => {
  test("syncs content before it gets its name, and all names before it acknowledges", () => {
    const directory = temporaryDirectory();
    const log = join(temporaryDirectory(), "log");
    expect(trace(join(directory, "history"), log, "-e", `trace=${SYSCALLS}`).isWhole).toBe(true);
    expect(notDurable(log, directory)).toEqual([]);
  });

  test.each(["fsync", "rename", "link", "mkdir"])(
    "is old or new when its process is killed at any %s",
    async (call) => {
      const log = join(temporaryDirectory(), "log");
      let kills = 0;
      for (let count = 1; count <= MOST_KILLS; count += call === "link" ? 1 : STRIDE) {
        const directory = join(temporaryDirectory(), "history");
        const kill = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=SIGKILL:when=${count}`];
        const { acknowledged, isWhole } = trace(directory, log, ...kill);
        const names = await manifestNames(await openHistory(directory, nodeDisk));
        expect(names).toEqual(["manifest-0", "manifest-1"].slice(0, names.length));
        expect(names.length - acknowledged.length).toBeOneOf([0, 1]);
        if (isWhole) break;
        kills++;
      }
      expect(kills).toBeGreaterThan(0);
      expect(kills).toBeLessThan(MOST_KILLS / 2);
    },
  );
});
