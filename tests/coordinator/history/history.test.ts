import { describe, expect, test } from "bun:test";
import { generateKeyPairSync, hash } from "node:crypto";
import { openHistory } from "../../../src/coordinator/history/history.ts";
import { signLatest, verifyLatest } from "../../../src/coordinator/history/latest-transition.ts";
import { NO_TRANSITION } from "../../../src/coordinator/history/transition.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { FailingDisk } from "../../fakes/failing-disk.ts";
import { manifestNamed, manifestNames, setManifest, TRANSACTION_KEY } from "../../fakes/history-scenario.ts";

const ENCODER = new TextEncoder();
const LIMITS = { transitions: 3, manifestBytes: 1000 };

/** Puts other bytes in place of a file. */
async function overwrite(disk: FailingDisk, path: string, bytes: Uint8Array): Promise<void> {
  await disk.createExclusive("/state/other", bytes);
  await disk.rename("/state/other", path);
}

describe("openHistory()", () => {
  test("takes a missing directory for an empty history and writes nothing", async () => {
    const disk = new FailingDisk();
    expect(await (await openHistory("/state", disk)).latest()).toBeUndefined();
    expect(await disk.list("/state")).toBeUndefined();
  });

  test("refuses a file in place of a directory", async () => {
    const disk = new FailingDisk();
    await disk.makeDirectory("/state");
    await disk.createExclusive("/state/policies", new Uint8Array(1));
    expect(await codeOfAsync(() => openHistory("/state", disk))).toBe("coordinator/history-corrupt");
    expect(await codeOfAsync(() => openHistory("/state/policies", disk))).toBe("coordinator/history-corrupt");
  });

  test("removes temporary files that were abandoned and leaves young ones to their process", async () => {
    const disk = new FailingDisk();
    await setManifest(await openHistory("/state", disk), undefined, "first");
    const temporary = `/state/manifests/.${"0".repeat(24)}.tmp`;
    await disk.createExclusive(temporary, new Uint8Array(1));
    await openHistory("/state", disk);
    expect(await disk.read(temporary, 10)).toEqual(new Uint8Array(1));
    disk.age = async () => 3_600_001;
    disk.fault = { step: 0, code: "EROFS", lasting: true };
    await openHistory("/state", disk);
    expect(await disk.read(temporary, 10)).toEqual(new Uint8Array(1));
    disk.fault = undefined;
    expect(await manifestNames(await openHistory("/state", disk))).toEqual(["first"]);
    expect(await disk.read(temporary, 10)).toBeUndefined();
  });
});

describe("putPolicy()", () => {
  test("names objects by their SHA-256, in lower case", async () => {
    const history = await openHistory("/state", new FailingDisk());
    const bytes = ENCODER.encode("package agent_policy\n");
    expect(await history.putPolicy(bytes)).toBe("45148e88381b22b43595cc1eaf2fadfd3f93998dbbb75bd4f3d69b641fe6153b");
    expect(await history.policy(hash("sha256", bytes, "hex"))).toEqual(bytes);
    expect(await history.putPolicy(new Uint8Array())).toBe(hash("sha256", "", "hex"));
  });

  test("leaves an object that is there already alone", async () => {
    const disk = new FailingDisk();
    const history = await openHistory("/state", disk);
    await history.putPolicy(new Uint8Array(5));
    disk.trace.length = 0;
    await history.putPolicy(new Uint8Array(5));
    expect(disk.trace.map((step) => step.split(" ")[0])).toEqual(["read", "sync"]);
  });

  test.each([0, 4, 6, 100])("puts an object right that has %d bytes of something else", async (length) => {
    const disk = new FailingDisk();
    const history = await openHistory("/state", disk);
    const bytes = new Uint8Array(5);
    const hex = await history.putPolicy(bytes);
    await overwrite(disk, `/state/policies/${hex}`, new Uint8Array(length).fill(1));
    expect(await codeOfAsync(() => history.policy(hex))).toBe("coordinator/history-corrupt");
    await history.putPolicy(bytes);
    expect(await history.policy(hex)).toEqual(bytes);
  });

  test("refuses what is larger than a request may be", async () => {
    const history = await openHistory("/state", new FailingDisk());
    const bytes = new Uint8Array(16 * 1024 * 1024 + 1);
    expect(await codeOfAsync(() => history.putPolicy(bytes))).toBe("coordinator/history-too-large");
    expect(await codeOfAsync(() => history.putManifest(bytes.subarray(1)))).toBe("no error, returned string");
  });
});

describe("policy()", () => {
  test.each(["", "..", "a/b", ".", "latest.tmp", "a b", "ä", "a\n", `../manifests/${"0".repeat(64)}`])(
    "refuses the name %j",
    async (name) => {
      const history = await openHistory("/state", new FailingDisk());
      for (const kind of ["policy", "manifest", "transition"] as const) {
        expect(await codeOfAsync(() => history[kind](name))).toBe("coordinator/history-key-invalid");
      }
    },
  );

  test("tells what is missing from what is damaged", async () => {
    const disk = new FailingDisk();
    const history = await openHistory("/state", disk);
    const hex = await history.putPolicy(new Uint8Array(3));
    expect(await codeOfAsync(() => history.manifest(hex))).toBe("coordinator/history-missing");
    await overwrite(disk, `/state/policies/${hex}`, Uint8Array.of(0, 0, 1));
    expect(await codeOfAsync(() => history.policy(hex))).toBe("coordinator/history-corrupt");
    disk.fault = { step: 0, code: "EIO", lasting: true };
    expect(await codeOfAsync(() => history.policy(hex))).toBe("coordinator/history-unreadable");
  });

  test("does not take one object for another", async () => {
    const disk = new FailingDisk();
    const history = await openHistory("/state", disk);
    const [a, b] = [await history.putManifest(Uint8Array.of(1)), await history.putManifest(Uint8Array.of(2))];
    await disk.rename(`/state/manifests/${a}`, `/state/manifests/${b}`);
    expect(await codeOfAsync(() => history.manifest(a))).toBe("coordinator/history-missing");
    expect(await codeOfAsync(() => history.manifest(b))).toBe("coordinator/history-corrupt");
  });
});

describe("latest()", () => {
  test.each([0, 1, 31, 32, 257, 100_000])("refuses a file of %d bytes", async (length) => {
    const disk = new FailingDisk();
    const history = await openHistory("/state", disk);
    await setManifest(history, undefined, "first");
    await overwrite(disk, "/state/transitions/latest", new Uint8Array(length));
    expect(await codeOfAsync(() => history.latest())).toBe("coordinator/history-corrupt");
    expect(await codeOfAsync(() => setManifest(history, undefined, "usurper"))).toBe("coordinator/history-corrupt");
  });

  test("refuses claims that lead in a circle", async () => {
    const disk = new FailingDisk();
    const history = await openHistory("/state", disk);
    const first = await setManifest(history, undefined, "first");
    await overwrite(disk, `/state/claims/${hash("sha256", first.bytes, "hex")}`, first.bytes);
    expect(await codeOfAsync(() => history.latest())).toBe("coordinator/history-corrupt");
  });

  test("reads a half-done change on a disk that cannot be written any more", async () => {
    const disk = new FailingDisk();
    const history = await openHistory("/state", disk);
    const first = await setManifest(history, undefined, "first");
    await disk.unlink("/state/transitions/latest");
    disk.fault = { step: 0, code: "EROFS", lasting: true };
    expect((await history.latest())?.bytes).toEqual(first.bytes);
  });
});

describe("advance()", () => {
  test("needs the transition and its manifest", async () => {
    const history = await openHistory("/state", new FailingDisk());
    const manifestHash = new Uint8Array(32).fill(1);
    const advance = (hex: string): Promise<string> =>
      codeOfAsync(() => history.advance(undefined, Uint8Array.fromHex(hex), TRANSACTION_KEY.privateKey));
    expect(await advance("00".repeat(32))).toBe("coordinator/history-missing");
    const hex = await history.putTransition({ manifestHash, previousHash: NO_TRANSITION });
    expect(await advance(hex)).toBe("coordinator/history-missing");
    expect(await history.latest()).toBeUndefined();
  });

  test("refuses a transition that follows another one than the expected", async () => {
    const history = await openHistory("/state", new FailingDisk());
    const manifestHash = Uint8Array.fromHex(await history.putManifest(Uint8Array.of(1)));
    const hex = await history.putTransition({ manifestHash, previousHash: manifestHash });
    const advance = () => history.advance(undefined, Uint8Array.fromHex(hex), TRANSACTION_KEY.privateKey);
    expect(await codeOfAsync(advance)).toBe("lib/internal");
  });

  test("refuses what could not be recovered later, for its number or its size", async () => {
    const disk = new FailingDisk();
    const history = await openHistory("/state", disk, LIMITS);
    let latest = await setManifest(history, undefined, "a");
    expect(await codeOfAsync(() => setManifest(history, latest, "x".repeat(1000)))).toBe(
      "coordinator/history-too-large",
    );
    latest = await setManifest(history, latest, "b");
    latest = await setManifest(history, latest, "c");
    for (const again of [history, await openHistory("/state", disk, LIMITS)]) {
      expect(await codeOfAsync(() => setManifest(again, latest, "d"))).toBe("coordinator/history-too-large");
    }
    expect(await manifestNames(await openHistory("/state", disk, LIMITS))).toEqual(["a", "b", "c"]);
    const stricter = await openHistory("/state", disk, { transitions: 2, manifestBytes: 1000 });
    expect(await codeOfAsync(() => manifestNames(stricter))).toBe("coordinator/history-too-large");
  });
});

describe("chain()", () => {
  test("shares the bytes of a manifest that was set more than once", async () => {
    const history = await openHistory("/state", new FailingDisk());
    let latest = await setManifest(history, undefined, "a");
    latest = await setManifest(history, latest, "b");
    latest = await setManifest(history, latest, "a");
    const transition = await history.transition(latest.transitionHash.toHex());
    const chain = await history.chain(verifyLatest(latest, transition, TRANSACTION_KEY.publicKey));
    expect(chain.map(({ manifest }) => manifest)).toEqual(["a", "b", "a"].map((name) => manifestNamed(name).manifest));
    expect(chain[0]!.manifest).toBe(chain[2]!.manifest);
    expect(chain[2]?.transitionHash).toEqual(latest.transitionHash);
  });

  test.each(["manifests", "transitions"])("fails when any of the %s is damaged, cut off or missing", async (area) => {
    const disk = new FailingDisk();
    let latest = await setManifest(await openHistory("/state", disk), undefined, "a");
    latest = await setManifest(await openHistory("/state", disk), latest, "b");
    for (const name of (await disk.list(`/state/${area}`)) ?? []) {
      if (name === "latest") continue;
      const path = `/state/${area}/${name}`;
      const bytes = (await disk.read(path, 1000)) ?? new Uint8Array();
      for (const damaged of [
        bytes.subarray(1),
        bytes.subarray(0, -1),
        bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte)),
      ]) {
        await overwrite(disk, path, damaged);
        const reopened = await openHistory("/state", disk);
        expect(await codeOfAsync(() => manifestNames(reopened))).toBe("coordinator/history-corrupt");
      }
      await disk.unlink(path);
      const reopened = await openHistory("/state", disk);
      expect(await codeOfAsync(() => manifestNames(reopened))).toBe("coordinator/history-missing");
      await disk.createExclusive(path, bytes);
    }
    expect(await manifestNames(await openHistory("/state", disk))).toEqual(["a", "b"]);
  });

  test("is not given for a transition that another key signed", async () => {
    const disk = new FailingDisk();
    const history = await openHistory("/state", disk);
    const latest = await setManifest(history, undefined, "a");
    const transition = await history.transition(latest.transitionHash.toHex());
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    await overwrite(disk, "/state/transitions/latest", signLatest(transition, privateKey).bytes);
    expect(await codeOfAsync(() => manifestNames(history))).toBe("coordinator/history-signature-invalid");
  });
});
