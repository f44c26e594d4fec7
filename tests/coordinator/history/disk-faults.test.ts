import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { openHistory } from "../../../src/coordinator/history/history.ts";
import { STORE_AREAS } from "../../../src/coordinator/history/store-key.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { CAMPAIGN_TIMEOUT_MS } from "../../fakes/campaign.ts";
import { FailingDisk, type FaultCode } from "../../fakes/failing-disk.ts";
import { manifestNames, setManifest } from "../../fakes/history-scenario.ts";

setDefaultTimeout(CAMPAIGN_TIMEOUT_MS);

/** A disk with one manifest. */
async function diskWithFirst(): Promise<FailingDisk> {
  const disk = new FailingDisk();
  await setManifest(await openHistory("/state", disk), undefined, "first");
  return disk;
}

/** Sets the second manifest; the code of the failure, or `set`. */
async function setSecond(disk: FailingDisk): Promise<string> {
  try {
    const history = await openHistory("/state", disk);
    await setManifest(history, await history.latest(), "second");
    return "set";
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    expect(error.details).toMatchObject({ path: expect.stringMatching(/^\//), cause: disk.fault?.code });
    return error.code;
  }
}

async function temporaryFiles(disk: FailingDisk): Promise<readonly string[]> {
  const names = await Promise.all(STORE_AREAS.map((area) => disk.list(`/state/${area}`)));
  return names.flatMap((area) => area ?? []).filter((name) => name.startsWith("."));
}

/** By outcome, how often the manifest was in the history once the disk worked again and the machine had crashed. */
async function tryEveryStep(code: FaultCode, lasting: boolean, done: boolean): Promise<Map<string, Set<string>>> {
  const outcomes = new Map<string, Set<string>>();
  const whole = await diskWithFirst();
  const before = whole.steps;
  expect(await setSecond(whole)).toBe("set");
  for (let step = before + 1; step <= whole.steps; step++) {
    const disk = await diskWithFirst();
    disk.fault = { step, code, lasting, done };
    const outcome = await setSecond(disk);
    disk.fault = undefined;
    // A full disk lets files be removed.
    if (code === "ENOSPC") expect(await temporaryFiles(disk)).toEqual([]);
    for (const left of [disk.afterCrash(() => 0), disk]) {
      const names = (await manifestNames(await openHistory("/state", left))).join(" ");
      outcomes.set(outcome, (outcomes.get(outcome) ?? new Set()).add(names));
    }
  }
  return outcomes;
}

const OLD = "first";
const NEW = "first second";

describe("advance()", () => {
  test.each([
    ["ENOSPC", false],
    ["ENOSPC", true],
    ["EROFS", false],
    ["EROFS", true],
  ] as const)("on a disk that answers %s (lasting: %p) at any step changes all or nothing", async (code, lasting) => {
    const outcomes = await tryEveryStep(code, lasting, false);
    expect([...outcomes.keys()].toSorted()).toEqual(["coordinator/history-unwritable", "set"]);
    expect(outcomes.get("coordinator/history-unwritable")).toEqual(new Set([OLD]));
    expect(outcomes.get("set")).toEqual(new Set([NEW]));
  });

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("on a disk with EIO (lasting: %p, done nonetheless: %p) at any step says what it knows", async (lasting, done) => {
    const outcomes = await tryEveryStep("EIO", lasting, done);
    expect([...outcomes.keys()].toSorted()).toEqual([
      "coordinator/history-uncertain",
      "coordinator/history-unreadable",
      "coordinator/history-unwritable",
      "set",
    ]);
    expect(outcomes.get("coordinator/history-unreadable")).toEqual(new Set([OLD]));
    expect(outcomes.get("coordinator/history-unwritable")).toEqual(new Set([OLD]));
    expect(outcomes.get("set")).toEqual(new Set([NEW]));
  });
});
