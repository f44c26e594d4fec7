import { ContrastError } from "../../lib/errors.ts";
import { readText, writeFileAtomically } from "../../lib/files.ts";
import type { Logger } from "../../lib/log.ts";
import { openPolicy } from "../../policy/open-policy.ts";
import { atPolicyFile } from "./at-policy-file.ts";
import { renderLcov, renderListing } from "../../policy/policy-test/render-coverage.ts";
import { coverageOfRules, type RulesCoverage } from "../../policy/policy-test/rule-coverage.ts";
import { rulesText } from "../../policy/rules-text.ts";
import type { DecidingEngine } from "../../rego/deciding-engine.ts";
import { PolicyEngine } from "../../rego/policy-engine.ts";
import type { CoveringEngine } from "../../rego/regorus/covering-engine.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import { UsageError } from "../../terminal/usage-error.ts";

/** Largest rules file. */
const MAX_RULES_BYTES = 4 * 1024 * 1024;

/** Name that reports give to the rules of this version. */
const EMBEDDED_NAME = "policy/rules.rego";

/** The rules that a run of `policy test` is about. */
export interface TestedRules {
  readonly engine: DecidingEngine;
  /** The same engine where it counts lines. */
  readonly covering: CoveringEngine | undefined;
  readonly file: string;
  readonly text: string;
  /** Undefined where any coverage will do. */
  readonly minimumPercent: number | undefined;
}

/**
 * Reads what `--rules` and the flags about coverage ask for.
 *
 * @throws ContrastError `lib/file-unreadable`, `terminal/invalid-argument`, and for faults of the rules the codes of
 *   `openPolicy()` with file and line
 */
export async function testedRules(flags: ParsedFlags, log: Logger): Promise<TestedRules> {
  const path = flags.string("rules");
  const file = path === "" ? EMBEDDED_NAME : path;
  const text = path === "" ? rulesText() : await readText(path, "rules", MAX_RULES_BYTES);
  const minimumPercent = percentOf(flags);
  if (flags.boolean("coverage") || flags.isSet("coverage-report") || minimumPercent !== undefined) {
    const { CoveringEngine } = await import("../../rego/regorus/covering-engine.ts");
    await assertReadable(text, file, log);
    const covering = await CoveringEngine.load(text);
    return { engine: covering, covering, file, text, minimumPercent };
  }
  if (path === "" || text === rulesText()) {
    return { engine: await PolicyEngine.load(), covering: undefined, file, text, minimumPercent };
  }
  const { RulesEngine } = await import("../../rego/regorus/rules-engine.ts");
  await assertReadable(text, file, log);
  const engine = await RulesEngine.load(text, { engine: "current" });
  return { engine, covering: undefined, file, text, minimumPercent };
}

/** A fault of the rules is told once, with its line, and not for every case. */
async function assertReadable(text: string, file: string, log: Logger): Promise<void> {
  try {
    // Rules name the data, which stand behind them in a policy.
    const { misreadWords } = await openPolicy(`${text}\npolicy_data := {}`, { engine: "current" });
    if (misreadWords.length > 0) {
      const words = misreadWords.join(", ");
      log.warn("guests take words of newer Rego for names of rules here; import rego.v1", { file, words });
    }
  } catch (error) {
    throw atPolicyFile(error, file);
  }
}

function percentOf(flags: ParsedFlags): number | undefined {
  const text = flags.string("coverage-min");
  if (text === "") return undefined;
  const percent = Number(text);
  if (/^\d{1,3}(?:\.\d+)?$/.test(text) && percent <= 100) return percent;
  throw new UsageError(
    "terminal/invalid-argument",
    `invalid argument "${text}" for "--coverage-min" flag: want a number from 0 to 100`,
  );
}

/**
 * Sums up the coverage after all cases, and writes the report.
 *
 * @param reportPath empty for none
 * @throws ContrastError `lib/file-unwritable`
 */
export async function reportCoverage(
  { covering, file, text }: TestedRules,
  reportPath: string,
): Promise<RulesCoverage | undefined> {
  if (covering === undefined) return undefined;
  const lines = covering.coverage();
  const coverage = coverageOfRules(file, text, lines);
  if (reportPath !== "") {
    const isLcov = /\.(?:info|lcov)$/.test(reportPath);
    await writeFileAtomically(reportPath, isLcov ? renderLcov(coverage, lines) : renderListing(text, lines));
  }
  return coverage;
}

/** @throws ContrastError `policy/coverage-low` */
export function assertCoverage(coverage: RulesCoverage | undefined, minimumPercent: number | undefined): void {
  if (coverage === undefined || minimumPercent === undefined || coverage.percent >= minimumPercent) return;
  const { file, percent } = coverage;
  throw new ContrastError(
    "policy/coverage-low",
    `Policy test failed: the cases exercise ${percent} % of "${file}", want ${minimumPercent} %`,
    { hint: "Add cases for the rules that are listed.", details: { percent, minimumPercent } },
  );
}
