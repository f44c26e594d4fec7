import type { Problems } from "../lib/problems.ts";
import { ContrastError } from "../lib/errors.ts";
import { openPolicy } from "../policy/open-policy.ts";
import { EngineRefusal } from "../rego/regorus/engine-refusal.ts";

/**
 * Reads rules that are not those of this version with the engine of guests of this version, before any policy is made of them.
 *
 * @param file named in problems
 * @param problems receives `rego/syntax-invalid` with the line, `rego/limit-exceeded`, `rego/evaluation-failed`,
 *   `rego/policy-too-large` and `generate/rules-unusable`
 */
export async function checkOtherRules(rules: string, file: string, problems: Problems): Promise<void> {
  try {
    const { kinds, misreadWords, isLenient } = await openPolicy(`${rules}\npolicy_data := {}`, { engine: "guest" });
    if (misreadWords.length > 0) {
      problems.error({
        code: "generate/rules-unusable",
        message: `guests take "${misreadWords.join('", "')}" for names of rules here, so that their conditions do not hold`,
        hint: 'Write "import rego.v1" below the package, or import the words from future.keywords.',
        file,
      });
    }
    if (!kinds.includes("CreateContainerRequest") && !isLenient) {
      problems.error({
        code: "generate/rules-unusable",
        message: `the rules say nothing about CreateContainerRequest, so no container could start`,
        hint: "Rules belong into package agent_policy, each named like the request that it answers.",
        file,
      });
    }
    if (isLenient) {
      problems.warn({
        code: "generate/rules-lenient",
        message: "the rules allow every request that they refuse (AllowRequestsFailingPolicy is true)",
        hint: "Use such rules for development only.",
        file,
      });
    }
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    const { message, place } =
      error instanceof EngineRefusal
        ? { message: error.fact, place: error.place }
        : { message: error.message, place: {} };
    problems.error({ code: error.code, message, hint: error.hint, file, ...place });
  }
}
