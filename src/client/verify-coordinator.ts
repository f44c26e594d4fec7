import type { Attestation } from "../attestation/atls/attestation.ts";
import { type Endpoint, renderEndpoint } from "../attestation/atls/endpoint.ts";
import type { CoordinatorValidator } from "./coordinator-validator.ts";
import { type CheckedHistory, checkHistory } from "./history.ts";
import type { ClientServices } from "./set-manifest.ts";

/** What was learnt from a running Coordinator. */
export interface VerifiedCoordinator {
  readonly attestation: Attestation;
  /** The clock when the connection was there. */
  readonly connectedAt: Date;
  readonly history: CheckedHistory;
}

/**
 * Attests a Coordinator and gets its history. Tries once: whoever verifies wants to know the state now.
 *
 * @throws ContrastError of the connection and the call, and of `checkHistory`
 */
export async function verifyCoordinator(
  endpoint: Endpoint,
  validator: CoordinatorValidator,
  { now, signal, log }: ClientServices,
): Promise<VerifiedCoordinator> {
  const { dialCoordinator } = await import("../rpc/dial-coordinator.ts");
  log.debug("dialing the coordinator", { address: renderEndpoint(endpoint) });
  const session = await dialCoordinator(endpoint, { clientKey: undefined, validate: validator.validate, now, signal });
  try {
    const connectedAt = now();
    return { attestation: session.attestation, connectedAt, history: checkHistory(await session.getManifests()) };
  } finally {
    session.close();
  }
}
