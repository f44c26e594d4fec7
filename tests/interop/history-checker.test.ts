import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import {
  cpSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openHistory } from "../../src/coordinator/history/history.ts";
import { NO_TRANSITION } from "../../src/coordinator/history/transition.ts";
import { createSeedEngine } from "../../src/coordinator/seed/seed-engine.ts";
import { nodeDisk } from "../../src/lib/disk.ts";
import { manifestNamed } from "../fakes/history-scenario.ts";
import { flipBit } from "../fakes/mutations.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

setDefaultTimeout(60_000);

const CHECKER = join(import.meta.dir, "history-checker", "check-history");
const NAMES = ["first", "second", "third"];
/** Seed and salt of V3 of the format's description. */
const { transactionKey } = createSeedEngine(
  Uint8Array.from({ length: 64 }, (_, index) => index),
  Uint8Array.from({ length: 32 }, (_, index) => 64 + index),
);

function check(...parameters: string[]): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync("sh", [CHECKER, ...parameters], { encoding: "utf8" });
  return { status, output: stdout + stderr };
}

describe.if(hasPrograms("history against openssl and sha256sum", "sh", "openssl", "sha256sum"))("a history", () => {
  const whole = temporaryDirectory();
  const history = join(whole, "history");
  const key = join(whole, "key.pem");
  /** Names of the objects, by area. */
  const objectsOf = (area: string): string[] => readdirSync(join(history, area)).filter((name) => name !== "latest");

  beforeAll(async () => {
    writeFileSync(key, createPublicKey(transactionKey).export({ type: "spki", format: "pem" }));
    const store = await openHistory(history, nodeDisk);
    let latest;
    for (const name of NAMES) {
      const { manifest, policy } = manifestNamed(name);
      await store.putPolicy(policy);
      const manifestHash = Uint8Array.fromHex(await store.putManifest(manifest));
      const previousHash: Uint8Array = latest?.transitionHash ?? NO_TRANSITION;
      const transition = await store.putTransition({ manifestHash, previousHash });
      latest = await store.advance(latest, Uint8Array.fromHex(transition), transactionKey);
    }
  });

  /** A copy that may be damaged. */
  function copyOfHistory(): string {
    const copy = join(temporaryDirectory(), "history");
    cpSync(history, copy, { recursive: true });
    return copy;
  }

  test("has the layout and the modes of the original", () => {
    const files = ["manifests", "policies", "transitions"].flatMap((area) =>
      readdirSync(join(history, area)).map((name) => join(area, name)),
    );
    expect(files).toHaveLength(3 * NAMES.length + 1);
    for (const file of files) {
      expect(file).toMatch(/^(manifests|policies|transitions)\/([0-9a-f]{64}|latest)$/);
      expect(lstatSync(join(history, file)).mode).toBe(0o100644);
    }
    for (const area of [".", "manifests", "policies", "transitions"]) {
      expect(lstatSync(join(history, area)).mode).toBe(0o40755);
    }
  });

  test("is confirmed by an independent checker: hashes, chain and signature", () => {
    const { status, output } = check(history, key);
    expect(output).toContain("OK 3 transitions, 9 objects, signature valid");
    expect(status).toBe(0);
    expect(check(history).output).toContain("signature not checked");
  });

  test("is confirmed, too, when a process ended in the middle of a change", () => {
    const copy = copyOfHistory();
    const [oldest] = readdirSync(join(copy, "claims")).filter((name) => name.startsWith("e3b0c44298fc1c149afbf4c8"));
    cpSync(join(copy, "claims", oldest!), join(copy, "transitions", "latest"));
    const { output } = check(copy, key);
    expect(output.match(/note: .* is continued by claims/g)).toHaveLength(2);
    expect(output).toContain("OK 3 transitions, 9 objects, signature valid");
  });

  test.each(["manifests", "policies", "transitions"])(
    "is refused with the name of the object when one of the %s is damaged, cut off, swapped or missing",
    (area) => {
      const [name, other] = objectsOf(area) as [string, string];
      const damages: ((file: string, copy: string) => void)[] = [
        (file) => writeFileSync(file, flipBit(readFileSync(file), 70)),
        (file) => truncateSync(file, 20),
        (file) => truncateSync(file, 0),
        (file) => rmSync(file),
        (file, copy) => cpSync(join(copy, area, other), file),
        (file) => {
          renameSync(file, `${file}-moved`);
          symlinkSync(`${file}-moved`, file);
        },
      ];
      for (const damage of damages) {
        const copy = copyOfHistory();
        damage(join(copy, area, name), copy);
        const { status, output } = check(copy, key);
        expect(output).toContain(`FAILED ${area}/${name}`);
        expect(status).toBe(1);
      }
    },
  );

  test.each<[string, (latest: Uint8Array) => Uint8Array]>([
    ["is cut off before its signature", (latest) => latest.subarray(0, 32)],
    ["has a damaged signature", (latest) => flipBit(latest, 60 * 8)],
    [
      "names another transition",
      (latest) => Uint8Array.of(...Uint8Array.fromHex(objectsOf("transitions").at(0)!), ...latest.subarray(32, -1)),
    ],
    ["is empty", () => new Uint8Array()],
  ])("is refused when the latest transition %s", (_, damage) => {
    const copy = copyOfHistory();
    const file = join(copy, "transitions", "latest");
    writeFileSync(file, damage(readFileSync(file)));
    const { status, output } = check(copy, key);
    expect(output).toContain("FAILED transitions/latest");
    expect(status).toBe(1);
  });

  test("is refused when another key signed it", () => {
    const other = createSeedEngine(new Uint8Array(64), new Uint8Array(32)).transactionKey;
    const otherKey = join(temporaryDirectory(), "other.pem");
    writeFileSync(otherKey, createPublicKey(other).export({ type: "spki", format: "pem" }));
    expect(check(history, otherKey)).toMatchObject({
      status: 1,
      output: expect.stringContaining("FAILED transitions/latest"),
    });
  });
});
