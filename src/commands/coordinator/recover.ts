import { type Endpoint, parseEndpoint, renderEndpoint } from "../../attestation/atls/endpoint.ts";
import { verdictJson } from "../../attestation/verdict-json.ts";
import { createCoordinatorValidator, type JudgingMeans } from "../../client/coordinator-validator.ts";
import { type ExpectedState, readExpectedState } from "../../client/expected-state.ts";
import { explainRefusal } from "../../client/explain-refusal.ts";
import { openSeedShare } from "../../client/open-seed-share.ts";
import { loadSeedshareOwnerKey, type OwnerPrivateKey } from "../../client/owner-private-key.ts";
import { recoverCoordinator } from "../../client/recover-coordinator.ts";
import { renderNames, workloadsOf } from "../../client/restart-hint.ts";
import { parseSeedShares } from "../../client/seed-share-file.ts";
import { collectProblem } from "../../lib/collect-problem.ts";
import { ContrastError } from "../../lib/errors.ts";
import { readBytes } from "../../lib/files.ts";
import { Problems } from "../../lib/problems.ts";
import { sleep } from "../../lib/sleep.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { judgingMeansOf } from "./judging-means.ts";
import { expectedStateSources } from "./expected-state-sources.ts";
import { policyJson } from "./policy-json.ts";

const MAX_SEED_FILE_BYTES = 16 * 1024 * 1024;

/** `contrast recover`; its definition is in `recover-definition.ts`. */
export const recoverCommand: CommandImplementation = {
  async run({ flags }, io) {
    if (flags.isSet("workload-owner-key")) io.log.info("the flag workload-owner-key has no effect");
    const means = await judgingMeansOf(flags, io);
    const prepared = await prepareRecovery(flags, io);
    try {
      await recover(prepared, means, flags.boolean("dry-run"), io);
    } finally {
      prepared.seed.fill(0);
    }
  },
};

/** Everything that `recover` needs before it opens a connection. */
interface PreparedRecovery {
  readonly endpoint: Endpoint;
  readonly expected: ExpectedState;
  readonly ownerKey: OwnerPrivateKey;
  /** Secret. */
  readonly seed: Uint8Array;
  readonly salt: Uint8Array;
}

async function prepareRecovery(flags: ParsedFlags, io: Io): Promise<PreparedRecovery> {
  const problems = new Problems();
  const endpoint = await collectProblem(problems, () => parseEndpoint(flags.string("coordinator")));
  const { state: expected } = await readExpectedState(expectedStateSources(flags, io.log), problems);
  const keyPath = flags.string("seedshare-owner-key");
  const ownerKey = await collectProblem(problems, () => loadSeedshareOwnerKey(keyPath));
  const path = flags.string("seed");
  const what = `seed shares "${path}"`;
  const document = await collectProblem(
    problems,
    async () => parseSeedShares(await readBytes(path, "seed shares", MAX_SEED_FILE_BYTES), what),
    { file: path, hint: "Give the file that the first set wrote, with --seed." },
  );
  const share =
    ownerKey === undefined || document === undefined
      ? undefined
      : await collectProblem(problems, () => ({
          seed: openSeedShare(document, ownerKey, what),
          salt: document.salt,
          ownerKey,
        }));
  try {
    problems.throwIfAny("Cannot recover");
  } catch (error) {
    share?.seed.fill(0);
    throw error;
  }
  if (endpoint === undefined || expected === undefined || share === undefined) {
    throw new ContrastError("lib/internal", "Cannot recover: a step failed without saying why");
  }
  return { endpoint, expected, ...share };
}

async function recover(prepared: PreparedRecovery, means: JudgingMeans, dryRun: boolean, io: Io): Promise<void> {
  const { endpoint, expected } = prepared;
  const { insecure } = means.roots;
  const validator = createCoordinatorValidator(expected, means);
  const services = { now: io.now, sleep, signal: io.signal, log: io.log };
  const attestation = await recoverCoordinator({ ...prepared, validator, dryRun }, services).catch((error: unknown) => {
    throw explainRefusal(explainPermission(error), { verdict: validator.lastVerdict(), expected, insecure });
  });
  const workloads = workloadsOf(expected.manifest, expected.policy.hashes);
  if (io.format === "json") {
    io.out(
      resultJson("recover", {
        ...(insecure ? { insecure } : {}),
        coordinator: renderEndpoint(endpoint),
        dryRun,
        recovered: !dryRun,
        coordinatorPolicy: policyJson(expected.policy),
        restart: dryRun ? [] : workloads.map(({ name }) => name),
        verdict: verdictJson(attestation.verdict),
      }),
    );
    return;
  }
  if (dryRun) {
    io.out("✔️ Key and seed share fit, and the Coordinator was attested");
    io.out("  Nothing was sent. Whether the seed is that of this Coordinator shows only when it gets it");
    return;
  }
  io.out("✔️ Successfully recovered the Coordinator");
  io.out('  The mesh CA is new: run "contrast verify" to get it, and restart the workloads for new certificates');
  if (workloads.length > 0) io.out(`  Workloads: ${renderNames(workloads)}`);
}

function explainPermission(error: unknown): unknown {
  if (!(error instanceof ContrastError) || error.code !== "rpc/permission-denied") return error;
  return new ContrastError(error.code, "Permission denied", {
    cause: error,
    hint: "Give the private key of a seed share owner of the manifest that the Coordinator had, with --seedshare-owner-key.",
  });
}
