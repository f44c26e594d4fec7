import type { Attestation } from "../attestation/atls/attestation.ts";
import { type Endpoint, renderEndpoint } from "../attestation/atls/endpoint.ts";
import type { CoordinatorValidator } from "./coordinator-validator.ts";
import type { OwnerPrivateKey } from "./owner-private-key.ts";
import type { ClientServices } from "./set-manifest.ts";

/** A Coordinator and what it is to get back. */
export interface RecoverRequest {
  readonly endpoint: Endpoint;
  readonly validator: CoordinatorValidator;
  /** Of a seed share owner; presented as client key, as version 1.4.1 demands. */
  readonly ownerKey: OwnerPrivateKey;
  /** Secret. */
  readonly seed: Uint8Array;
  readonly salt: Uint8Array;
  /** Attest, but send nothing. */
  readonly dryRun: boolean;
}

/**
 * Attests a Coordinator with the seed share owner's key and gives it its seed.
 *
 * @returns what was attested
 * @throws ContrastError of the connection and of the call
 */
export async function recoverCoordinator(
  { endpoint, validator, ownerKey, seed, salt, dryRun }: RecoverRequest,
  { now, signal, log }: ClientServices,
): Promise<Attestation> {
  const { dialCoordinator } = await import("../rpc/dial-coordinator.ts");
  const { validate } = validator;
  log.debug("dialing the coordinator", { address: renderEndpoint(endpoint) });
  const session = await dialCoordinator(endpoint, { clientKey: ownerKey.key, validate, now, signal });
  try {
    if (!dryRun) await session.recover(seed, salt);
    return session.attestation;
  } finally {
    session.close();
  }
}
