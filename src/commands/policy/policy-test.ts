import { cacheDirectory } from "../../lib/cache-directory.ts";
import { ContrastError } from "../../lib/errors.ts";
import { readText, writeFileAtomically } from "../../lib/files.ts";
import { nextTurn } from "../../lib/next-turn.ts";
import { Problems, renderProblem } from "../../lib/problems.ts";
import type { ImageProvider } from "../../oci/image.ts";
import { createImageProvider } from "../../oci/image-provider.ts";
import { parseImageSources } from "../../oci/image-source-option.ts";
import { parseImageFacts } from "../../policy/policy-test/image-facts.ts";
import { findTestDirectories } from "../../policy/policy-test/find-test-directories.ts";
import { type PolicyTest, preparePolicyTest } from "../../policy/policy-test/prepare-policy-test.ts";
import { renderCoverage } from "../../policy/policy-test/render-coverage.ts";
import { renderJunit } from "../../policy/policy-test/render-junit.ts";
import type { RulesCoverage } from "../../policy/policy-test/rule-coverage.ts";
import { countCases, type PolicyTestResult, runPolicyTest } from "../../policy/policy-test/run-policy-test.ts";
import { verdictText } from "../../policy/policy-test/verdict-text.ts";
import { loadProfile, PROFILES } from "../../policy/settings/profiles.ts";
import { readSettings } from "../../policy/settings/read-settings.ts";
import type { Settings } from "../../policy/settings.ts";
import type { CommandImplementation, ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { choiceFlag } from "../choice-flag.ts";
import { assertCoverage, reportCoverage, testedRules } from "./tested-rules.ts";

/** `contrast policy test`; its definition is in `policy-test-definition.ts`. */
export const policyTestCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    const tests = await prepareTests(positionals, await settingsOf(flags), await imagesOf(flags, io), io);
    const tested = await testedRules(flags, io.log);
    const results: PolicyTestResult[] = [];
    for (const test of tests) {
      await nextTurn();
      io.signal.throwIfAborted();
      results.push(runPolicyTest(tested.engine, test));
    }
    const junitPath = flags.string("junit");
    if (junitPath !== "") await writeFileAtomically(junitPath, renderJunit(results));
    const coverage = await reportCoverage(tested, flags.string("coverage-report"));
    if (io.format === "json") printJson(results, coverage, io);
    else printText(results, coverage, io);
    const { passed, failed } = countCases(results);
    if (failed > 0) {
      throw new ContrastError(
        "policy/test-failed",
        `Policy test failed: ${failed} of ${passed + failed} verdicts are not as expected`,
        {
          hint: 'Ask "contrast policy explain" why a policy refuses a request; the cases of a directory are requests for it.',
          details: { passed, failed },
        },
      );
    }
    assertCoverage(coverage, tested.minimumPercent);
  },
};

async function prepareTests(
  paths: readonly string[],
  settings: Settings,
  images: ImageProvider,
  io: Io,
): Promise<readonly PolicyTest[]> {
  const problems = new Problems();
  const tests: PolicyTest[] = [];
  for (const directory of await findTestDirectories(paths)) {
    io.signal.throwIfAborted();
    const test = await preparePolicyTest(directory, settings, images, problems);
    if (test !== undefined) tests.push(test);
  }
  // Warnings about the workloads are for those who deploy them; here they would drown the verdicts.
  for (const warning of problems.warnings) io.log.info(renderProblem(warning));
  problems.throwIfAny("Cannot create policies to test");
  return tests;
}

async function settingsOf(flags: ParsedFlags): Promise<Settings> {
  const profile = choiceFlag(flags, "profile", PROFILES);
  const path = flags.string("settings");
  return path === "" ? await loadProfile(profile) : await readSettings(path, profile);
}

async function imagesOf(flags: ParsedFlags, io: Io): Promise<ImageProvider> {
  const factsPath = flags.string("image-facts");
  if (factsPath !== "") return parseImageFacts(await readText(factsPath, "image facts"), factsPath);
  const { env, log, progress, signal, now } = io;
  return createImageProvider({
    sources: parseImageSources(flags.strings("image-source")),
    offline: flags.boolean("offline"),
    cacheDir: cacheDirectory(env),
    env,
    log,
    progress,
    signal,
    now,
  });
}

function printText(results: readonly PolicyTestResult[], coverage: RulesCoverage | undefined, io: Io): void {
  for (const { directory, cases } of results) {
    for (const testCase of cases) {
      if (testCase.ok) continue;
      io.out(`FAIL ${directory}: ${testCase.kind}: ${testCase.description}: ${verdictText(testCase)}`);
    }
  }
  const { passed, failed } = countCases(results);
  io.out(`${passed} passed, ${failed} failed, ${results.length} ${results.length === 1 ? "policy" : "policies"}`);
  if (coverage !== undefined) for (const line of renderCoverage(coverage)) io.out(line);
}

function printJson(results: readonly PolicyTestResult[], coverage: RulesCoverage | undefined, io: Io): void {
  const { passed, failed } = countCases(results);
  const directories = results.map(({ directory, cases }) => ({
    directory,
    ...countCases([{ directory, cases }]),
    cases,
  }));
  io.out(resultJson("policy-test", { ok: failed === 0, passed, failed, coverage, directories }));
}
