import { renderEndpoint } from "../../attestation/atls/endpoint.ts";
import { verdictJson } from "../../attestation/verdict-json.ts";
import { createCoordinatorValidator, type JudgingMeans } from "../../client/coordinator-validator.ts";
import { explainRefusal } from "../../client/explain-refusal.ts";
import { previousManifest } from "../../client/previous-manifest.ts";
import { planRestarts, renderNames, type RestartPlan, workloadsOf } from "../../client/restart-hint.ts";
import { SetFiles, type StoredShares } from "../../client/set-files.ts";
import { type SetAnswer, setManifest } from "../../client/set-manifest.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { ContrastError } from "../../lib/errors.ts";
import { exists } from "../../lib/files.ts";
import { sleep } from "../../lib/sleep.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { startWaitingLine } from "../../terminal/waiting-line.ts";
import { judgingMeansOf } from "./judging-means.ts";
import { policyJson } from "./policy-json.ts";
import { prepareSet, type PreparedSet } from "./prepare-set.ts";
import { previousTransitionOf } from "./previous-transition.ts";

/** The input of `set`, and what must be in force for it. */
interface SetPlan extends PreparedSet {
  readonly previousTransition: Uint8Array | undefined;
}

/** `contrast set`; its definition is in `set-definition.ts`. */
export const setCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const means = await judgingMeansOf(flags, io);
    const previousTransition = await previousTransitionOf(flags);
    const prepared = { ...(await prepareSet(flags, positionals, io)), previousTransition };
    const owners = prepared.expected.manifest.seedshareOwnerPubKeys ?? [];
    const files = await SetFiles.prepare(flags.string("workspace-dir"), owners.length);
    try {
      await runPrepared(prepared, means, files, io);
    } finally {
      await files.discard();
    }
  },
};

async function runPrepared(prepared: SetPlan, means: JudgingMeans, files: SetFiles, io: Io): Promise<void> {
  const { expected, endpoint } = prepared;
  const { insecure } = means.roots;
  const answer = await askCoordinator(prepared, means, io);
  try {
    say(io, "✔️ Manifest set successfully");
    // First what no second call returns.
    const shares = answer.seedShares && (await files.storeShares(answer.seedShares));
    if (shares !== undefined) tellShares(shares, answer, prepared, io);
    const certificates = await files.storeCertificates(answer.rootCaPem, answer.meshCaPem);
    const plan = shares === undefined ? await restartPlan(answer, prepared, io) : undefined;
    if (io.format === "json") {
      const written = [...(shares === undefined ? [] : [shares.path]), ...certificates];
      const verdict = verdictJson(answer.session.attestation.verdict);
      io.out(
        resultJson("set", {
          ...(insecure ? { insecure } : {}),
          coordinator: renderEndpoint(endpoint),
          manifest: { path: expected.manifestPath, sha256: sha256Hex(expected.manifestBytes) },
          coordinatorPolicy: policyJson(expected.policy),
          seedSharesReceived: shares !== undefined,
          seedSharesBackup: shares?.backupPath ?? null,
          written,
          restart: plan === undefined ? null : { changed: names(plan.changed), unchanged: names(plan.unchanged) },
          verdict,
        }),
      );
    } else if (plan !== undefined) tellRestarts(plan, io);
    if (shares === undefined) await warnAboutMissingShares(files.sharesPath, io);
  } finally {
    answer.session.close();
  }
}

async function askCoordinator(prepared: SetPlan, means: JudgingMeans, io: Io): Promise<SetAnswer> {
  const { endpoint, expected, ownerKey, policies, previousTransition } = prepared;
  const validator = createCoordinatorValidator(expected, means);
  const waiting = startWaitingLine(io, "  Waiting for coordinator ");
  try {
    const request = {
      endpoint,
      manifestBytes: expected.manifestBytes,
      policies,
      ownerKey,
      validator,
      previousTransition,
    };
    const answer = await setManifest(request, { now: io.now, sleep, signal: io.signal, log: io.log });
    waiting.succeed("✔️ Connected to coordinator");
    return answer;
  } catch (error) {
    waiting.fail();
    throw explainFailure(error, prepared, io, { verdict: validator.lastVerdict(), insecure: means.roots.insecure });
  }
}

function explainFailure(
  error: unknown,
  { expected, ownerKey }: SetPlan,
  io: Io,
  context: {
    readonly verdict: ReturnType<ReturnType<typeof createCoordinatorValidator>["lastVerdict"]>;
    readonly insecure: boolean;
  },
): unknown {
  const explained = explainRefusal(error, { ...context, expected });
  if (!(explained instanceof ContrastError) || explained.code !== "rpc/permission-denied") return explained;
  const hint =
    ownerKey === undefined
      ? "Specify a workload owner key with --workload-owner-key."
      : "Ensure you are using a trusted workload owner key with --workload-owner-key.";
  say(io, `Permission denied. ${hint}`);
  // People have just read it.
  return io.format === "json"
    ? new ContrastError(explained.code, "Permission denied", { cause: explained, hint })
    : explained;
}

function tellShares({ path, backupPath }: StoredShares, answer: SetAnswer, { expected }: SetPlan, io: Io): void {
  say(io, "✔️ Seed shares received");
  if (backupPath !== undefined) {
    io.log.warn("other seed shares were there already and are kept", { path: backupPath });
  }
  const received = new Set(answer.seedShares?.shares.map(({ publicKeyHex }) => publicKeyHex.toLowerCase()));
  const missing = (expected.manifest.seedshareOwnerPubKeys ?? []).filter((key) => !received.has(key.toLowerCase()));
  for (const key of missing) {
    const owner = sha256Hex(Uint8Array.fromHex(key));
    io.log.warn("no seed share was returned for an owner of the manifest", { path, ownerKeySha256: owner });
  }
}

/** Whoever updates a deployment need not be its seed share owner, so this is no warning. */
async function warnAboutMissingShares(path: string, io: Io): Promise<void> {
  if (await exists(path)) return;
  io.log.info("no seed shares were returned, since this is not the first manifest, and none are here", { path });
}

async function restartPlan(answer: SetAnswer, { expected }: SetPlan, io: Io): Promise<RestartPlan> {
  const previous = await previousManifest(answer.session, expected.manifestBytes, io);
  return planRestarts(workloadsOf(expected.manifest, expected.policy.hashes), previous);
}

function tellRestarts({ changed, unchanged }: RestartPlan, io: Io): void {
  if (changed.length > 0) io.out(`  Restart with the YAML of this manifest: ${renderNames(changed)}`);
  if (unchanged.length > 0) {
    io.out(`  Restart to get certificates of the new mesh CA: ${renderNames(unchanged)}`);
  }
}

function names(workloads: RestartPlan["changed"]): readonly string[] {
  return workloads.map(({ name }) => name);
}

function say(io: Io, line: string): void {
  if (io.format !== "json") io.out(line);
}
