import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { CoordinatorBench } from "./coordinator-bench.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const DAY_MS = 24 * 60 * 60 * 1000;

describe("contrast coordinator, compiled, and a clock that is one day off", () => {
  test.each([1, -1])("(%i): both sides name the certificates' times, and nothing is lost", async (days) => {
    await using bench = await CoordinatorBench.create(temporaryDirectory());
    const coordinator = await bench.start();
    await bench.setFirst(coordinator);
    const now = (): Date => new Date(Date.now() + days * DAY_MS);
    expect(await codeOfAsync(() => bench.dialUser(coordinator, bench.workloadOwner, now))).toBe(
      "atls/certificate-expired",
    );
    // The Coordinator refuses a workload with the fact; a workload cannot know it, and is sent to the log.
    const certify = async (clock: () => Date): Promise<string> =>
      await codeOfAsync(async () => {
        const session = await bench.dialMesh(coordinator, clock);
        await session.newMeshCert().finally(session.close);
      });
    expect(await certify(now)).toBe("rpc/client-refused");
    await coordinator.told(/"refused a client".* reason=attestation code=atls\/certificate-expired/);
    // With the right time, all is as before.
    expect(await certify(() => new Date())).toBe("no error, returned undefined");
    const session = await bench.dialUser(coordinator);
    expect((await session.getManifests()).manifests).toHaveLength(1);
    session.close();
  });
});
