import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { type CompiledCoordinator, CoordinatorBench, usageOf } from "./coordinator-bench.ts";

setDefaultTimeout(CAMPAIGN_TIMEOUT_MS);

/** Connections at one time. */
const CLIENTS = IS_CAMPAIGN ? 16 : 4;
const POINTS = 10;
/** What comes and goes between two looks at the memory of a program with a garbage collector. */
const NOISE_MIB = 48;

interface Soak {
  readonly calls: number;
  readonly callsPerConnection: number;
}

const SOAKS: readonly Soak[] = IS_CAMPAIGN
  ? [
      { calls: 10_000, callsPerConnection: 1 },
      { calls: 100_000, callsPerConnection: 500 },
    ]
  : [{ calls: 200, callsPerConnection: 10 }];

/** Lets clients get certificates. @returns when all have them */
async function certify(
  bench: CoordinatorBench,
  coordinator: CompiledCoordinator,
  { calls, callsPerConnection }: Soak,
): Promise<void> {
  let left = calls;
  const client = async (): Promise<void> => {
    while (left > 0) {
      const session = await bench.dialMesh(coordinator);
      for (let index = 0; index < callsPerConnection && left > 0; index++) {
        left--;
        await session.newMeshCert();
      }
      session.close();
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

describe("contrast coordinator, compiled, keeps no memory", () => {
  test.each(SOAKS.map((soak) => ({ ...soak })))(
    "of $calls certificates, $callsPerConnection for each connection",
    async ({ calls, callsPerConnection }) => {
      await using bench = await CoordinatorBench.create(temporaryDirectory());
      const coordinator = await bench.start();
      await bench.setFirst(coordinator);
      const idle = usageOf(coordinator);
      const startedMs = performance.now();
      const points: number[] = [];
      for (let point = 0; point < POINTS; point++) {
        await certify(bench, coordinator, { calls: calls / POINTS, callsPerConnection });
        points.push(usageOf(coordinator).rssMiB);
      }
      const perSecond = Math.round((calls / (performance.now() - startedMs)) * 1000);
      if (IS_CAMPAIGN) {
        const { files } = usageOf(coordinator);
        console.log(`RSS in MiB: idle ${idle.rssMiB}, then ${points.join(", ")}; ${files} files; ${perSecond} calls/s`);
      }
      // The first points hold what is made once; after that, nothing grows.
      const early = Math.max(...points.slice(0, 4));
      const late = Math.min(...points.slice(-4));
      expect(late).toBeLessThanOrEqual(early + (IS_CAMPAIGN ? 0 : NOISE_MIB));
      expect(Math.max(...points)).toBeLessThan(4 * idle.rssMiB);
    },
  );
});
