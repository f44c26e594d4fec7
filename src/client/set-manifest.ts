import { type Endpoint, renderEndpoint } from "../attestation/atls/endpoint.ts";
import { ContrastError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import type { Sleep } from "../lib/sleep.ts";
import type { CoordinatorSession, ManifestHistory, SeedShareDocument } from "../rpc/coordinator-session.ts";
import { untilAvailable } from "../rpc/until-available.ts";
import type { CoordinatorValidator } from "./coordinator-validator.ts";
import type { OwnerPrivateKey } from "./owner-private-key.ts";
import { explainRequestSize, requestSizeOf } from "./request-size.ts";
import { requireTransition } from "./require-transition.ts";
import { shieldedSignal } from "./shielded-signal.ts";

/** What is set where, by whom. */
export interface SetRequest {
  readonly endpoint: Endpoint;
  /** As in the file. */
  readonly manifestBytes: Uint8Array;
  /** Policy texts in the order of the deployment. */
  readonly policies: readonly Uint8Array[];
  readonly ownerKey: OwnerPrivateKey | undefined;
  readonly validator: CoordinatorValidator;
  /** The transition that the manifest must follow, 32 bytes, zeros for none; undefined: whatever is in force. */
  readonly previousTransition?: Uint8Array | undefined;
}

/** What talking to a Coordinator uses of its surroundings. */
export interface ClientServices {
  readonly now: () => Date;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** What a Coordinator answered to a manifest. */
export interface SetAnswer {
  readonly rootCaPem: Uint8Array;
  readonly meshCaPem: Uint8Array;
  readonly seedShares: SeedShareDocument | undefined;
  /** The connection, still open; the caller closes it. */
  readonly session: CoordinatorSession;
}

/** A large deployment is written to slow disks; giving up early would lose the seed shares. */
const CALL_TIMEOUT_MS = 180_000;

/**
 * Attests a Coordinator and sets its manifest, waiting for up to three minutes while it cannot be reached.
 *
 * A connection that breaks after the manifest was sent leaves open whether it is set. Sending it again would be a mere
 * update, whose answer has no seed shares; so the next try looks first. For the same reason an interruption does not
 * stop a call that is under way.
 *
 * @throws ContrastError of the connection and of the call, and `client/seed-shares-lost`, `client/atomic-unsupported`,
 *   `client/transition-stale`
 */
export async function setManifest(request: SetRequest, services: ClientServices): Promise<SetAnswer> {
  const { endpoint, ownerKey, validator, previousTransition } = request;
  const { now, sleep, log } = services;
  const { dialCoordinator } = await import("../rpc/dial-coordinator.ts");
  const shielded = shieldedSignal(services.signal, () =>
    log.warn("waiting for the answer before stopping, because no second one has the seed shares"),
  );
  let wasSent = false;
  const attempt = async (timeoutMs: number): Promise<SetAnswer> => {
    log.debug("dialing the coordinator", { address: renderEndpoint(endpoint) });
    const session = await dialCoordinator(endpoint, {
      clientKey: ownerKey?.key,
      validate: validator.validate,
      now,
      signal: shielded.signal,
      timeoutMs,
      callTimeoutMs: CALL_TIMEOUT_MS,
    });
    try {
      const earlier = wasSent ? await answerOfEarlierTry(session, request.manifestBytes) : undefined;
      if (earlier !== undefined) return { ...earlier, session };
      if (previousTransition !== undefined) requireTransition(await historyOf(session), previousTransition);
      wasSent = true;
      shielded.shield();
      const answer = await session.setManifest(request.manifestBytes, request.policies, previousTransition);
      return { ...answer, session };
    } catch (error) {
      session.close();
      throw error;
    } finally {
      shielded.unshield();
    }
  };
  try {
    return await untilAvailable(attempt, {
      sleep,
      now,
      signal: services.signal,
      onWait: ({ code, message }, count) => log.debug("waiting for the coordinator", { attempt: count, code, message }),
    });
  } catch (error) {
    const explained = explainRequestSize(error, requestSizeOf(request.manifestBytes, request.policies));
    throw wasSent ? withDoubt(explained) : explained;
  }
}

/** Whether the manifest of a try without answer is in force. */
async function answerOfEarlierTry(
  session: CoordinatorSession,
  manifestBytes: Uint8Array,
): Promise<Omit<SetAnswer, "session"> | undefined> {
  const history = await historyOf(session).catch((error: unknown) => {
    throw withRestart(error);
  });
  const active = history?.manifests.at(-1);
  if (history === undefined || active === undefined || !sameBytes(active, manifestBytes)) return undefined;
  if (history.manifests.length > 1) return { ...history, seedShares: undefined };
  throw new ContrastError(
    "client/seed-shares-lost",
    "Cannot receive the seed shares: the connection broke after the Coordinator had set its first manifest",
    {
      hint: "It does not return them again: unless another user has them, deploy the Coordinator with an empty volume and set the manifest once more.",
    },
  );
}

async function historyOf(session: CoordinatorSession): Promise<ManifestHistory | undefined> {
  try {
    return await session.getManifests();
  } catch (error) {
    if (error instanceof ContrastError && error.code === "rpc/no-manifest") return undefined;
    throw error;
  }
}

/** A Coordinator that needs recovery had no answer for this manifest before it restarted. */
function withRestart(error: unknown): unknown {
  if (!(error instanceof ContrastError) || error.code !== "rpc/recovery-needed") return error;
  return new ContrastError(
    error.code,
    "Cannot tell whether the manifest is set: the Coordinator restarted before it answered",
    {
      cause: error,
      hint: 'If a manifest was set before this one, run "contrast recover" and then "contrast verify". If this was the first manifest, its seed shares are lost: deploy the Coordinator with an empty volume and set the manifest once more.',
    },
  );
}

/** Errors after which nobody knows what the Coordinator did. */
function withDoubt(error: unknown): unknown {
  if (!(error instanceof ContrastError)) return error;
  const leavesDoubt = ["rpc/unavailable", "rpc/timeout", "rpc/answer-invalid", "rpc/answer-too-large"];
  if (!leavesDoubt.includes(error.code)) return error;
  return new ContrastError(error.code, "Cannot tell whether the manifest is set", {
    cause: error,
    hint: 'Run "contrast verify" before anything else: if this was the first manifest and it is in force, its seed shares are lost, and the Coordinator must be deployed anew.',
  });
}
