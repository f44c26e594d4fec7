import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, mkdirSync } from "node:fs";
import { codeOfAsync } from "../fakes/error-code.ts";
import { isPermitted } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { type CompiledCoordinator, CoordinatorBench } from "./coordinator-bench.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const OK = "no error, returned object";
const NAMESPACE = ["unshare", "--map-root-user", "--mount"] as const;
const canMount =
  isPermitted("Coordinator on a full disk", ...NAMESPACE, "true") &&
  isPermitted("Coordinator on a full disk", "nsenter", "--version");

/** A Coordinator whose state is on a file system of its own, in memory. */
async function startOnVolume(
  bench: CoordinatorBench,
  options: string,
): Promise<{
  readonly coordinator: CompiledCoordinator;
  readonly remount: (options: string) => void;
  /** Copies the history to where it stays. */
  readonly copyTo: (directory: string) => void;
}> {
  const volume = bench.path("volume");
  mkdirSync(volume, { recursive: true });
  const script = `mount -t tmpfs -o ${options} none "$VOLUME" && exec "$0" "$@"`;
  const coordinator = await bench.start({
    stateDirectory: `${volume}/history`,
    wrapper: ["env", `VOLUME=${volume}`, ...NAMESPACE, "sh", "-c", script],
  });
  const { pid } = coordinator.child;
  return {
    coordinator,
    remount: (changed) => {
      const enter = ["nsenter", "--target", String(pid), "--user", "--preserve-credentials", "--mount"];
      const { exitCode } = Bun.spawnSync([...enter, "mount", "-o", `remount,${changed}`, volume], {
        stderr: "inherit",
      });
      expect(exitCode).toBe(0);
    },
    copyTo: (directory) => cpSync(`/proc/${pid}/root${volume}/history`, directory, { recursive: true }),
  };
}

/** Restarts on a copy of the history, and recovers. @returns how many manifests there are */
async function recoveredCount(
  bench: CoordinatorBench,
  stateDirectory: string,
  owned: Parameters<CoordinatorBench["recover"]>[1],
): Promise<number> {
  const restarted = await bench.start({ stateDirectory });
  await bench.recover(restarted, owned);
  const session = await bench.dialUser(restarted);
  const { manifests } = await session.getManifests();
  session.close();
  return manifests.length;
}

describe.if(canMount)("contrast coordinator, compiled, on a real file system", () => {
  test("that is full says so, serves on, and goes on when there is room", async () => {
    await using bench = await CoordinatorBench.create(temporaryDirectory());
    const { coordinator, remount, copyTo } = await startOnVolume(bench, "size=16k");
    // Not even the first manifest has room; its sender can simply try again later.
    expect(await codeOfAsync(() => bench.setFirst(coordinator))).toBe("rpc/server-failed");
    const session = await bench.dialUser(coordinator);
    expect(await codeOfAsync(() => session.getManifests())).toBe("rpc/no-manifest");
    remount("size=96k");
    const owned = await bench.setFirst(coordinator);
    let count = 1;
    const setNext = async (): Promise<string> =>
      await codeOfAsync(() => session.setManifest(bench.manifest(`set-${count}`), bench.policies));
    while ((await setNext()) === OK) count++;
    expect(await setNext()).toBe("rpc/server-failed");
    await coordinator.told(/"SetManifest failed".* error=coordinator\/store-failed .*no space left on device/);
    expect(count).toBeGreaterThan(1);
    expect((await session.getManifests()).manifests).toHaveLength(count);
    const workload = await bench.dialMesh(coordinator);
    expect(await codeOfAsync(() => workload.newMeshCert())).toBe(OK);
    workload.close();
    copyTo(bench.path("when-full"));
    expect(await recoveredCount(bench, bench.path("when-full"), owned)).toBe(count);
    remount("size=4m");
    expect(await setNext()).toBe(OK);
    copyTo(bench.path("with-room"));
    session.close();
    expect(await recoveredCount(bench, bench.path("with-room"), owned)).toBe(count + 1);
  });

  test("that becomes read-only says so, and serves what is there", async () => {
    await using bench = await CoordinatorBench.create(temporaryDirectory());
    const { coordinator, remount } = await startOnVolume(bench, "size=4m");
    const owned = await bench.setFirst(coordinator);
    remount("ro");
    const session = await bench.dialUser(coordinator);
    const set = async (): Promise<string> =>
      await codeOfAsync(() => session.setManifest(bench.manifest("next"), bench.policies));
    expect(await set()).toBe("rpc/server-failed");
    await coordinator.told(/"SetManifest failed".* error=coordinator\/store-failed .*read-only file system/);
    expect((await session.getManifests()).manifests).toHaveLength(1);
    const workload = await bench.dialMesh(coordinator);
    expect(await codeOfAsync(() => workload.newMeshCert())).toBe(OK);
    workload.close();
    // Another one that starts there recovers, too.
    const { pid } = coordinator.child;
    const enter = ["nsenter", "--target", String(pid), "--user", "--preserve-credentials", "--mount"];
    const stateDirectory = `${bench.path("volume")}/history`;
    const second = await bench.start({ stateDirectory, wrapper: enter });
    await bench.recover(second, owned);
    remount("rw");
    expect(await set()).toBe(OK);
    session.close();
    const other = await bench.dialUser(second);
    expect((await other.getManifests()).manifests).toHaveLength(2);
    other.close();
  });
});

test("contrast coordinator, compiled, survives a limit for the size of files", async () => {
  await using bench = await CoordinatorBench.create(temporaryDirectory());
  const limited = await bench.start({ wrapper: ["sh", "-c", 'ulimit -f 1; exec "$0" "$@"'] });
  expect(await codeOfAsync(() => bench.setFirst(limited))).toBe("rpc/server-failed");
  await limited.told(/file too large/);
  await limited.kill();
  const free = await bench.start();
  await bench.setFirst(free);
});
