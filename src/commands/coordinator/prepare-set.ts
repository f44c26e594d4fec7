import { type ExpectedState, readExpectedState } from "../../client/expected-state.ts";
import { loadWorkloadOwnerKey, type OwnerPrivateKey } from "../../client/owner-private-key.ts";
import { requestSizeOf, requireSendable } from "../../client/request-size.ts";
import { collectProblem } from "../../lib/collect-problem.ts";
import { ERROR_CODES } from "../../lib/error-codes.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import { Problems } from "../../lib/problems.ts";
import { compareDeployment } from "../../manifest/policies.ts";
import type { Manifest } from "../../manifest/schema.ts";
import { type Endpoint, parseEndpoint } from "../../attestation/atls/endpoint.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { expectedStateSources } from "./expected-state-sources.ts";
import { logWarnings } from "../log-warnings.ts";
import { readDeployment } from "../../generate/read-deployment.ts";

/** Everything that `set` needs before it opens a connection. */
export interface PreparedSet {
  readonly endpoint: Endpoint;
  readonly expected: ExpectedState;
  readonly ownerKey: OwnerPrivateKey | undefined;
  /** Policy texts in the order of the deployment. */
  readonly policies: readonly Uint8Array[];
}

const ACTION = "Cannot set manifest";

/**
 * Reads and checks the whole input of `set`: manifest, expected policy of the Coordinator, key, and the deployment
 * against the manifest.
 *
 * @throws ProblemsError with everything that is wrong
 * @throws ContrastError `client/deployment-differs` where nothing but policies differ; `rpc/request-too-large`
 */
export async function prepareSet(flags: ParsedFlags, paths: readonly string[], io: Io): Promise<PreparedSet> {
  const problems = new Problems();
  const endpoint = await collectProblem(problems, () => parseEndpoint(flags.string("coordinator")));
  const { state: expected, manifest } = await readExpectedState(expectedStateSources(flags, io.log), problems);
  const keyPath = flags.string("workload-owner-key");
  const key = await collectProblem(problems, async () => ({ loaded: await loadWorkloadOwnerKey(keyPath) }));
  const deployment = await readDeployment(paths, io, problems);
  if (manifest !== undefined && deployment !== undefined) {
    const workloads = deployment.map(({ workload }) => workload);
    compareDeployment(manifest, workloads, problems);
  }
  if (key !== undefined && key.loaded === undefined && flags.isSet("workload-owner-key")) {
    io.log.warn("the workload owner key does not exist, going on without", { path: keyPath });
  }
  if (expected !== undefined) warnAboutOwners(expected.manifest, key?.loaded, io.log);
  logWarnings(problems.warnings, io.log);
  if (endpoint === undefined || expected === undefined || key === undefined || deployment === undefined) {
    throw refusal(problems);
  }
  if (problems.errors.length > 0) throw refusal(problems);
  const policies = deployment.map(({ policy }) => policy);
  requireSendable(requestSizeOf(expected.manifestBytes, policies));
  return { endpoint, expected, ownerKey: key.loaded, policies };
}

function refusal(problems: Problems): unknown {
  const codes = new Set(problems.errors.map(({ code }) => code));
  try {
    problems.throwIfAny(ACTION);
    return new ContrastError("lib/internal", `${ACTION}: a step failed without saying why`);
  } catch (error) {
    const onlyDiffers = codes.size > 1 && [...codes].every((code) => ERROR_CODES[code].class === "mismatch");
    if (!onlyDiffers) return error;
    const message = "The deployment is not the one of the manifest";
    return new ContrastError("client/deployment-differs", message, { cause: error });
  }
}

/** The new manifest decides about later updates, the one in force about this. */
function warnAboutOwners(manifest: Manifest, ownerKey: OwnerPrivateKey | undefined, log: Logger): void {
  const digests = (manifest.workloadOwnerKeyDigests ?? []).map((digest) => digest.toLowerCase());
  if (digests.length === 0) {
    log.warn("no workload owner keys in manifest, further manifest updates will be rejected");
  } else if (ownerKey !== undefined && !digests.includes(ownerKey.identity)) {
    log.warn("workload owner key not found in manifest, this may lock you out from further updates", {
      digest: ownerKey.identity,
    });
  }
  if ((manifest.seedshareOwnerPubKeys ?? []).length === 0) {
    log.warn("no seed share owner keys in manifest, the coordinator cannot be recovered after a restart");
  }
}
