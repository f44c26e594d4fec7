import { afterEach } from "bun:test";
import { collateralSetOf } from "../../src/attestation/collateral/collateral-set.ts";
import type { EvidenceIssuer } from "../../src/attestation/issuer.ts";
import { insecureTrustRoots } from "../../src/attestation/trust-roots.ts";
import type { PresentedEvidence } from "../../src/attestation/validator.ts";
import { openHistory } from "../../src/coordinator/history/history.ts";
import { createMetrics, type Metrics } from "../../src/coordinator/metrics.ts";
import { type RunningCoordinator, startCoordinator } from "../../src/coordinator/start-coordinator.ts";
import type { AttestedDeployment } from "./attested-deployment.ts";
import { FailingDisk } from "./failing-disk.ts";
import { recordLog, type RecordedLog } from "./image-provider.ts";

/** The real Coordinator on a fake machine, its history on a disk in memory. */
export interface ServedCoordinator extends RunningCoordinator {
  /** `127.0.0.1:PORT` of the user API. */
  readonly address: string;
  readonly disk: FailingDisk;
  readonly log: RecordedLog;
  readonly metrics: Metrics;
}

const running: RunningCoordinator[] = [];

/** Starts Coordinators on the machine of a deployment and stops them after each test. */
export function useServedCoordinators(): typeof serveCoordinator {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((coordinator) => coordinator.stop(0)));
  });
  return serveCoordinator;
}

/** What issues evidence on the machine of a deployment, for its Coordinator. */
export function issuerOf({ evidence }: AttestedDeployment): EvidenceIssuer {
  const issue = async (reportData: Uint8Array): Promise<PresentedEvidence> => {
    const presented = await evidence(reportData);
    return "oid" in presented ? presented : presented[0]!;
  };
  return { tee: "tdx", source: "test", issue };
}

async function serveCoordinator(deployment: AttestedDeployment, disk = new FailingDisk()): Promise<ServedCoordinator> {
  const { rootsPem, collateral, now } = deployment;
  const log = recordLog();
  const metrics = createMetrics();
  const anyPort = { host: "127.0.0.1", port: 0 };
  const coordinator = await startCoordinator({
    addresses: { userApi: anyPort, meshApi: anyPort, metrics: undefined, probes: undefined },
    history: await openHistory("/state", disk),
    issuer: issuerOf(deployment),
    roots: insecureTrustRoots(new Uint8Array(Buffer.from(rootsPem)), "roots"),
    gather: async () => collateralSetOf(collateral),
    at: now,
    metrics,
    metricsWithProbes: false,
    now,
    log,
    groupLog: () => log,
  });
  running.push(coordinator);
  return { ...coordinator, address: `127.0.0.1:${coordinator.ports.userApi}`, disk, log, metrics };
}
