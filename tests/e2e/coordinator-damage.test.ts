import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CoordinatorSession } from "../../src/rpc/coordinator-session.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { flipBit } from "../fakes/mutations.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { type CompiledCoordinator, CoordinatorBench, type OwnedSeed } from "./coordinator-bench.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

type Damage = (file: string, other: string) => void;

const DAMAGES: Readonly<Record<string, Damage>> = {
  flipped: (file) => writeFileSync(file, flipBit(readFileSync(file), 8 * 20)),
  "cut off": (file) => writeFileSync(file, readFileSync(file).subarray(0, 30)),
  empty: (file) => writeFileSync(file, ""),
  missing: (file) => rmSync(file),
  "another one": (file, other) => copyFileSync(other, file),
  "a directory": (file) => {
    rmSync(file);
    mkdirSync(file);
  },
};
const OK = "no error, returned object";
const DONE = "no error, returned undefined";

const directory = temporaryDirectory();
let bench: CoordinatorBench;
let owned: OwnedSeed;
let active: CompiledCoordinator;
let waiting: CompiledCoordinator;
let owner: CoordinatorSession;
let count = 0;

beforeAll(async () => {
  bench = await CoordinatorBench.create(directory);
  active = await bench.start();
  owned = await bench.setFirst(active);
  owner = await bench.dialUser(active);
  for (const name of ["second", "third"]) await owner.setManifest(bench.manifest(name), bench.policies);
  count = 3;
  waiting = await bench.start();
});

afterAll(async () => {
  owner.close();
  await bench[Symbol.asyncDispose]();
});

/** Does something while a file of the history is damaged, and puts it right again. */
async function whileDamaged(area: string, name: string, damage: Damage, act: () => Promise<void>): Promise<void> {
  const directory = join(bench.stateDirectory, area);
  const file = join(directory, name);
  const other = readdirSync(directory).find((entry) => entry !== name && entry !== "latest")!;
  const content = readFileSync(file);
  damage(file, join(directory, other));
  try {
    await act();
  } finally {
    rmSync(file, { recursive: true, force: true });
    writeFileSync(file, content);
  }
}

const get = async (): Promise<string> => await codeOfAsync(() => owner.getManifests());
const set = async (name: string): Promise<string> => {
  const code = await codeOfAsync(() => owner.setManifest(bench.manifest(name), bench.policies));
  if (code === OK) count++;
  return code;
};
const recover = async (): Promise<string> => await codeOfAsync(() => bench.recover(waiting, owned));
const certify = async (): Promise<string> =>
  await codeOfAsync(async () => {
    const session = await bench.dialMesh(active);
    await session.newMeshCert().finally(session.close);
  });
/** The objects of an area, but not the newest transition's hash. */
const objects = (area: string): string[] =>
  readdirSync(join(bench.stateDirectory, area)).filter((name) => name !== "latest");

describe("contrast coordinator, compiled, with a damaged history", () => {
  test.each(Object.keys(DAMAGES))("names an object that is %s, and goes on with what is whole", async (kind) => {
    for (const area of ["manifests", "policies", "transitions"]) {
      await whileDamaged(area, objects(area)[0]!, DAMAGES[kind]!, async () => {
        expect([area, await get()]).toEqual([area, "rpc/server-failed"]);
        expect(await certify()).toBe(DONE);
        // Policies are read when they are asked for; what cannot be trusted never comes into force.
        if (area !== "policies") expect([area, await recover()]).toEqual([area, "rpc/recovery-refused"]);
      });
      expect(await get()).toBe(OK);
    }
    await active.told(/"GetManifests failed".* error=coordinator\/history-failed/);
    expect(await set(`after-${kind.replaceAll(" ", "-")}`)).toBe(OK);
  });

  test.each(Object.keys(DAMAGES).filter((kind) => kind !== "missing"))(
    "does nothing under a latest transition that is %s",
    async (kind) => {
      await whileDamaged("transitions", "latest", DAMAGES[kind]!, async () => {
        expect([await get(), await set("lost"), await recover()]).toEqual([
          "rpc/server-failed",
          "rpc/server-failed",
          expect.stringMatching(/^rpc\/(recovery-refused|server-failed)$/),
        ]);
        expect(await certify()).toBe("atls/handshake-refused");
      });
      expect([await get(), await certify()]).toEqual([OK, DONE]);
    },
  );

  test("puts a policy right that is sent again", async () => {
    for (const name of objects("policies")) writeFileSync(join(bench.stateDirectory, "policies", name), "damaged");
    expect(await get()).toBe("rpc/server-failed");
    expect(await set("repair")).toBe(OK);
    expect(await get()).toBe(OK);
  });

  test("has lost nothing when everything is put right", async () => {
    expect(await recover()).toBe(DONE);
    const session = await bench.dialUser(waiting);
    const { manifests } = await session.getManifests();
    session.close();
    expect(manifests).toHaveLength(count);
    expect(manifests).toEqual((await owner.getManifests()).manifests);
  });
});
