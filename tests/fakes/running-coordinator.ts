import { afterEach } from "bun:test";
import type { Io } from "../../src/terminal/io.ts";
import type { AttestedDeployment } from "./attested-deployment.ts";
import { type FakeCoordinator, type FakeCoordinatorOptions, startFakeCoordinator } from "./coordinator-server.ts";
import { recordIo, type RecordedIo } from "./recorded-io.ts";

const closers: (() => void | Promise<void>)[] = [];

/** Starts Coordinators on the machine of a deployment and stops them after each test. */
export function useCoordinators(): typeof runCoordinator {
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });
  return runCoordinator;
}

async function runCoordinator(
  deployment: AttestedDeployment,
  options: FakeCoordinatorOptions = {},
): Promise<FakeCoordinator> {
  const server = await startFakeCoordinator({ evidence: deployment.evidence, ...options });
  closers.push(server.close);
  return server;
}

/** Surroundings of a command at the time of a deployment. */
export function deploymentIo(deployment: AttestedDeployment, change: Partial<Io> = {}): RecordedIo {
  return recordIo({ now: deployment.now, ...change });
}

/** Waits until a Coordinator has no connection left; a client that keeps one would keep its process alive. */
export async function connectionsEnded({ atls }: FakeCoordinator): Promise<void> {
  await new Promise<void>((resolve) => {
    atls.server.close(() => resolve());
  });
}
