import type { KeyObject } from "node:crypto";
import { connectAtls } from "../attestation/atls/connect.ts";
import type { Endpoint } from "../attestation/atls/endpoint.ts";
import type { NonceForm } from "../attestation/atls/nonce.ts";
import type { EvidenceValidator } from "../attestation/validator.ts";
import { type CoordinatorSession, createSession } from "./coordinator-session.ts";
import { createUserApiClient } from "./user-api-client.ts";

/** How a Coordinator is dialled. */
export interface DialOptions {
  /** Workload owner key for `setManifest`, seed share owner key for `recover`; undefined for a throw-away key. */
  readonly clientKey: KeyObject | undefined;
  readonly validate: EvidenceValidator;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** For connecting, the handshake and the judging of the evidence together; 30 s by default. */
  readonly timeoutMs?: number | undefined;
  /** For each call; 60 s by default. */
  readonly callTimeoutMs?: number | undefined;
  readonly nonceForm?: NonceForm | undefined;
}

const CALL_TIMEOUT_MS = 60_000;

/**
 * Connects to a Coordinator, judges its evidence, and only then speaks gRPC with it. Every call makes a new connection
 * with a nonce of its own.
 *
 * @throws ContrastError what `connectAtls` throws
 */
export async function dialCoordinator(endpoint: Endpoint, options: DialOptions): Promise<CoordinatorSession> {
  const { clientKey, validate, now, signal, timeoutMs, nonceForm } = options;
  const connection = await connectAtls({ endpoint, clientKey, validate, now: now(), signal, timeoutMs, nonceForm });
  const { socket, attestation } = connection;
  const client = createUserApiClient(socket, endpoint);
  return createSession({
    endpoint,
    attestation,
    client,
    callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
    signal,
  });
}
