import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { type CompiledCoordinator, CoordinatorBench } from "./coordinator-bench.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const closers: (() => unknown)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

/**
 * A proxy that ends the connection in the moment between the setting of a first manifest and its answer, and passes
 * everything on from then.
 *
 * @param meanwhile done before anything else is passed on
 */
async function startLosingProxy(
  { userApi }: CompiledCoordinator,
  stateDirectory: string,
  meanwhile: () => Promise<unknown>,
): Promise<number> {
  let isLost = false;
  const server = createServer((client) => {
    const upstream = connect({ host: "127.0.0.1", port: userApi });
    for (const socket of [client, upstream]) socket.on("error", () => {});
    client.on("data", (piece) => upstream.write(piece)).on("close", () => upstream.destroy());
    upstream.on("close", () => client.end());
    upstream.on("data", (piece) => {
      if (isLost || !existsSync(join(stateDirectory, "transitions/latest"))) {
        client.write(piece);
        return;
      }
      isLost = true;
      upstream.removeAllListeners("data").removeAllListeners("close");
      void meanwhile().then(() => client.resetAndDestroy());
    });
  });
  closers.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("contrast set, when the answer to the first manifest is lost,", () => {
  test("says that nobody has the seed shares, and succeeds after the state was deleted", async () => {
    await using bench = await CoordinatorBench.create(temporaryDirectory());
    const coordinator = await bench.start();
    const port = await startLosingProxy(coordinator, bench.stateDirectory, async () => {});
    const set = async (address: number): ReturnType<CoordinatorBench["run"]> =>
      await bench.run("set", "-c", `127.0.0.1:${address}`, "resources", "--format", "json");
    const lost = await set(port);
    expect(JSON.parse(lost.stdout)).toMatchObject({ ok: false, code: "client/seed-shares-lost" });
    expect(existsSync(bench.path("seed-shares.json"))).toBe(false);
    // As the documentation says: delete the state, restart, set again.
    await coordinator.kill();
    rmSync(bench.stateDirectory, { recursive: true });
    const again = await set((await bench.start()).userApi);
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: true });
    expect(existsSync(bench.path("seed-shares.json"))).toBe(true);
  });

  test("says what it may mean that the Coordinator restarted meanwhile", async () => {
    await using bench = await CoordinatorBench.create(temporaryDirectory());
    const coordinator = await bench.start();
    const port = await startLosingProxy(coordinator, bench.stateDirectory, async () => {
      await coordinator.kill();
      await bench.start({ ports: coordinator });
    });
    const { status, stderr } = await bench.run("set", "-c", `127.0.0.1:${port}`, "resources");
    expect(status).toBe(1);
    expect(stderr).toContain("Cannot tell whether the manifest is set: the Coordinator restarted before it answered");
    expect(stderr).toContain("its seed shares are lost");
  });
});
