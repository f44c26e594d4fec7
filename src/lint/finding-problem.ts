import { ContrastError } from "../lib/errors.ts";
import type { Problem } from "../lib/problems.ts";
import type { LintFinding } from "./finding.ts";
import { lintRule } from "./rule-catalogue.ts";

/**
 * A finding of a rule of this program as other commands tell problems.
 *
 * @throws ContrastError `lib/internal` for findings of rules that users wrote
 */
export function findingProblem({ rule, message, hint, place }: LintFinding): Problem {
  const code = lintRule(rule)?.code;
  if (code === undefined) throw new ContrastError("lib/internal", `Cannot tell finding: rule "${rule}" has no code`);
  return { ...place, code, message, hint };
}
