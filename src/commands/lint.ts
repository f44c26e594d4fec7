import { embeddedImageReplacements } from "../generate/image-replacements.ts";
import { type InputFile, STANDARD_INPUT } from "../kubernetes/input-set.ts";
import { VERSION } from "../lib/build-info.ts";
import { ContrastError } from "../lib/errors.ts";
import { writeFileAtomically } from "../lib/files.ts";
import { Problems } from "../lib/problems.ts";
import { SEVERITIES } from "../lib/finding.ts";
import { fixFindings, type Repair } from "../lint/fix-findings.ts";
import { readLintFiles, standardInputAlone } from "../lint/read-lint-files.ts";
import type { LintOptions } from "../lint/lint-options.ts";
import { createReport, findFindings, type LintChoice, type LintReport } from "../lint/lint-report.ts";
import { OWN_RULE } from "../lint/own-rule-id.ts";
import { readOwnRules, type RuleFile } from "../lint/own-rules.ts";
import { renderGithubReport } from "../lint/report/github-report.ts";
import { renderJsonReport, renderJsonRules } from "../lint/report/json-report.ts";
import { renderJunitReport } from "../lint/report/junit-report.ts";
import { renderSarifReport } from "../lint/report/sarif-report.ts";
import { renderTextReport } from "../lint/report/text-report.ts";
import { LINT_RULES, lintRule } from "../lint/rule-catalogue.ts";
import { parsePlatform } from "../manifest/platforms.ts";
import { rulesText } from "../policy/rules-text.ts";
import type { CommandImplementation, ParsedFlags } from "../terminal/command-definition.ts";
import type { Io } from "../terminal/io.ts";
import { reportWidth } from "../terminal/report-width.ts";
import { UsageError } from "../terminal/usage-error.ts";
import { choiceFlag } from "./choice-flag.ts";

/** `contrast lint`; its definition is in `lint-definition.ts`. */
export const lintCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    if (flags.boolean("list")) {
      listRules(io);
      return;
    }
    const failOn = choiceFlag(flags, "fail-on", [...SEVERITIES, "never"]);
    const call = await prepareCall(flags, positionals, io);
    let input = await readAndLint(call);
    const repairs = flags.boolean("fix") ? await fixFindings(input.files, input.findings) : [];
    // Lines have moved, and what was repaired must not be told.
    if (repairs.length > 0) input = await readAndLint(call);
    const { problems } = input;
    const report = createReport(input.files, input, problems);

    const failing = SEVERITIES.slice(0, SEVERITIES.findIndex((severity) => severity === failOn) + 1);
    const count = report.findings.filter(({ severity }) => failing.includes(severity)).length;
    const isReadable = problems.errors.length === 0;
    await writeReports(report, flags);
    print(report, repairs, isReadable && count === 0, flags, io);
    if (!isReadable) {
      throw new ContrastError("lint/input-faulty", "Lint failed: some of the input cannot be read", {
        details: { faults: problems.errors.length },
      });
    }
    if (count > 0) {
      const what = `${count} ${count === 1 ? "finding" : "findings"} of severity ${failing.join(" or ")}`;
      throw new ContrastError("lint/findings", `Lint failed: ${what}`, { details: { count } });
    }
  },
};

interface LintCall {
  readonly options: LintOptions;
  readonly ownRules: readonly RuleFile[];
  readonly choice: LintChoice;
  readonly read: (problems: Problems) => Promise<readonly InputFile[]>;
  readonly signal: AbortSignal;
}

async function prepareCall(flags: ParsedFlags, paths: readonly string[], io: Io): Promise<LintCall> {
  if (flags.boolean("fix") && paths.includes(STANDARD_INPUT)) throw standardInputAlone("--fix");
  const platform = flags.string("reference-values");
  const rulesPath = flags.string("rules");
  const ignored = new Set(flags.strings("ignore"));
  const unknown = [...ignored].find((id) => lintRule(id) === undefined && !OWN_RULE.test(id));
  if (unknown !== undefined) throw invalidFlag("ignore", unknown, "there is no such rule; --list shows all");
  return {
    options: {
      platform: platform === "" ? undefined : parsePlatform(platform),
      images: embeddedImageReplacements(),
      skipServiceMesh: flags.boolean("skip-service-mesh"),
      policyRulesBytes: rulesText().length,
    },
    ownRules: rulesPath === "" ? [] : await readOwnRules(rulesPath),
    choice: { severity: choiceFlag(flags, "severity", SEVERITIES), ignored },
    read: async (problems) => await readLintFiles(paths, io.readInput, problems),
    signal: io.signal,
  };
}

async function readAndLint({ options, ownRules, choice, read, signal }: LintCall) {
  const problems = new Problems();
  const files = await read(problems);
  signal.throwIfAborted();
  const found = await findFindings(files, options, ownRules, choice);
  signal.throwIfAborted();
  return { files, ...found, problems };
}

function invalidFlag(name: string, text: string, reason: string): UsageError {
  const message = `invalid argument ${JSON.stringify(text)} for "--${name}" flag: ${reason}`;
  return new UsageError("terminal/invalid-argument", message);
}

async function writeReports(report: LintReport, flags: ParsedFlags): Promise<void> {
  const [sarif, junit] = [flags.string("sarif"), flags.string("junit")];
  if (sarif !== "") await writeFileAtomically(sarif, renderSarifReport(report, VERSION));
  if (junit !== "") await writeFileAtomically(junit, renderJunitReport(report));
}

function print(report: LintReport, repairs: readonly Repair[], ok: boolean, flags: ParsedFlags, io: Io): void {
  if (io.format === "json") {
    io.out(renderJsonReport(report, repairs, ok));
    return;
  }
  const { findings } = report;
  const columns = io.columns();
  // Where GitHub reads the findings, people do too; what was repaired goes to the log.
  const say = flags.boolean("github") ? io.err : io.out;
  if (flags.boolean("fix") && repairs.length === 0) say("nothing to repair");
  for (const { file, code, object, path } of repairs) say(`fixed ${file}: ${code} (${object}, ${path})`);
  if (flags.boolean("github")) for (const line of renderGithubReport(findings)) io.out(line);
  else for (const line of renderTextReport(report, columns && reportWidth(columns))) io.out(line);
}

function listRules(io: Io): void {
  if (io.format === "json") {
    io.out(renderJsonRules());
    return;
  }
  for (const { id, severity, title, fixable } of LINT_RULES) {
    io.out(`${id.padEnd(24)} ${severity.padEnd(8)} ${title}${fixable === true ? " (--fix)" : ""}`);
  }
}
