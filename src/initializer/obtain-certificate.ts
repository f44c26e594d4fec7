import type { KeyObject } from "node:crypto";
import { type Endpoint, renderEndpoint } from "../attestation/atls/endpoint.ts";
import type { EvidenceIssuer } from "../attestation/issuer.ts";
import type { ErrorCode } from "../lib/error-codes.ts";
import { ContrastError, messageChainOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import type { Sleep } from "../lib/sleep.ts";
import type { MeshDialOptions, MeshSession } from "../rpc/dial-mesh-api.ts";
import type { MeshCertificate } from "../rpc/mesh-certificate.ts";

/** Whom to ask, and what to show. */
export interface CertificateRequest {
  readonly endpoint: Endpoint;
  /** Private; the certificate is for it, however often it takes to get one. */
  readonly key: KeyObject;
  readonly issuer: EvidenceIssuer;
  /** Between two tries; 10 s unless given. */
  readonly pauseMs?: number | undefined;
}

/** What the asking uses of its surroundings. */
export interface RequestMeans {
  readonly dial: (endpoint: Endpoint, options: MeshDialOptions) => Promise<MeshSession>;
  readonly now: () => Date;
  readonly sleep: Sleep;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const PAUSE_MS = 10_000;
/** A failure that stays the same is told again after so many tries: every ten minutes, or so. */
const QUIET_ATTEMPTS = 60;

/** What stays as it is however often it is tried. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["atls/late-certificate-unsupported", "lib/internal", "lib/interrupted"]);

/**
 * Asks a Coordinator for a certificate until it gives one, for ever: after a pause again, over a new connection with new
 * evidence. A manifest that does not know this workload is such a failure: the next one may.
 *
 * Each failure is logged; one that repeats itself is logged as a warning only at first and from time to time.
 *
 * @throws ContrastError `lib/interrupted`, `atls/late-certificate-unsupported`; whatever else is no ContrastError
 * @see edgelesssys/contrast `initializer`
 */
export async function obtainCertificate(request: CertificateRequest, means: RequestMeans): Promise<MeshCertificate> {
  const { sleep, log, signal } = means;
  const { pauseMs = PAUSE_MS } = request;
  const coordinator = renderEndpoint(request.endpoint);
  let previous = "";
  let repeated = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await askOnce(request, means);
    } catch (error) {
      if (signal.aborted) throw interrupted(error);
      if (!(error instanceof ContrastError) || FINAL.has(error.code)) throw error;
      repeated = error.code === previous ? repeated + 1 : 0;
      previous = error.code;
      const fields = { coordinator, attempt, code: error.code, error: messageChainOf(error), hint: hintOf(error) };
      if (repeated % QUIET_ATTEMPTS === 0)
        log.warn("no certificate yet, trying again", { ...fields, everyMs: pauseMs });
      else log.debug("no certificate yet", fields);
    }
    await sleep(pauseMs, signal).catch((reason: unknown) => {
      throw interrupted(reason);
    });
  }
}

async function askOnce({ endpoint, key, issuer }: CertificateRequest, means: RequestMeans): Promise<MeshCertificate> {
  const { dial, now, signal } = means;
  const session = await dial(endpoint, { key, issuer, validate: undefined, now, signal });
  try {
    return await session.newMeshCert();
  } finally {
    session.close();
  }
}

function hintOf(error: unknown): string | undefined {
  if (!(error instanceof ContrastError)) return undefined;
  return error.hint ?? hintOf(error.cause);
}

function interrupted(cause: unknown): ContrastError {
  if (cause instanceof ContrastError && cause.code === "lib/interrupted") return cause;
  return new ContrastError("lib/interrupted", "Cannot get a certificate: interrupted", { cause });
}
