import { join } from "node:path";
import { parseEndpoint, renderEndpoint } from "../../attestation/atls/endpoint.ts";
import { createCoordinatorValidator } from "../../client/coordinator-validator.ts";
import { type ExpectedState, readExpectedState } from "../../client/expected-state.ts";
import { explainRefusal } from "../../client/explain-refusal.ts";
import { compareActiveManifest, warnAboutCoverage } from "../../client/history.ts";
import { writeHistory } from "../../client/history-files.ts";
import { encodeSavedVerification, type SavedVerification } from "../../client/saved-verification.ts";
import { verifyCoordinator } from "../../client/verify-coordinator.ts";
import { collectProblem } from "../../lib/collect-problem.ts";
import { ContrastError } from "../../lib/errors.ts";
import { Problems } from "../../lib/problems.ts";
import { sleep } from "../../lib/sleep.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { judgingMeansOf } from "./judging-means.ts";
import { expectedStateSources } from "./expected-state-sources.ts";
import { OUTPUT_DIRECTORY } from "./output-directory.ts";
import { verifySaved } from "./verify-saved.ts";
import { sayResult, sayVerified, type VerifyReport } from "./verify-report.ts";

/** `contrast verify`; its definition is in `verify-definition.ts`. */
export const verifyCommand: CommandImplementation = {
  async run({ flags }, io) {
    const address = flags.string("coordinator");
    if (!flags.isSet("coordinator") && !flags.isSet("bundle")) {
      throw new UsageError("terminal/required-flag", 'required flag(s) "coordinator" not set', {
        hint: 'Give the address with --coordinator, or a saved verification with --bundle; see "contrast verify --help".',
      });
    }
    const problems = new Problems();
    const endpoint = flags.isSet("bundle") ? undefined : await collectProblem(problems, () => parseEndpoint(address));
    const { state: expected } = await readExpectedState(expectedStateSources(flags, io.log), problems);
    problems.throwIfAny("Cannot verify");
    if (expected === undefined) throw new ContrastError("lib/internal", "Cannot verify: the manifest was not read");
    if (endpoint === undefined) await verifySaved(flags, expected, io);
    else await verifyLive(flags, endpoint, expected, io);
  },
};

async function verifyLive(
  flags: ParsedFlags,
  endpoint: ReturnType<typeof parseEndpoint>,
  expected: ExpectedState,
  io: Io,
): Promise<void> {
  const means = await judgingMeansOf(flags, io);
  const validator = createCoordinatorValidator(expected, means);
  const { insecure } = means.roots;
  try {
    const services = { now: io.now, sleep, signal: io.signal, log: io.log };
    const { attestation, connectedAt, history } = await verifyCoordinator(endpoint, validator, services);
    const report: VerifyReport = { coordinator: renderEndpoint(endpoint), expected, history, insecure, ...attestation };
    sayVerified(io);
    const directory = join(flags.string("workspace-dir"), OUTPUT_DIRECTORY);
    const activePath = join(directory, `manifest.${history.manifests.length - 1}.json`);
    const bundlePath = flags.string("save");
    const isSaved = flags.isSet("save");
    const collateral = validator.lastCollateral().flatMap(({ answer }) => (answer.found ? [answer.item] : []));
    const saved: SavedVerification = {
      coordinator: report.coordinator,
      checkedAt: connectedAt,
      at: means.at,
      ...attestation,
      policyHashes: expected.policy.hashes,
      collateral,
      history,
    };
    const bundle = isSaved ? [{ path: bundlePath, content: encodeSavedVerification(saved) }] : [];
    const written = await writeHistory(directory, history, io.log, bundle);
    if (io.format !== "json") {
      io.out(`✔️ Wrote Coordinator configuration and keys to ${directory}`);
      if (isSaved) io.out(`✔️ Saved the verification to ${bundlePath}`);
    }
    warnAboutCoverage(history, io.log);
    const showDifference = `contrast manifest diff ${expected.manifestPath} ${activePath}`;
    compareActiveManifest(history, expected.manifestBytes, showDifference);
    sayResult(report, { written, ...(isSaved ? { saved: bundlePath } : {}) }, io);
  } catch (error) {
    throw explainRefusal(error, { verdict: validator.lastVerdict(), expected, insecure });
  }
}
