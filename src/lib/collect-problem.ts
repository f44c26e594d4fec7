import { ContrastError, messageChainOf } from "./errors.ts";
import { type Place, type Problem, type Problems, ProblemsError } from "./problems.ts";

/**
 * Runs one step of several whose failures are told together.
 *
 * @param problems receives the failure, or each finding of a `ProblemsError`
 * @param place added to findings that have none, and what helps where an error does not say
 * @returns undefined after a failure
 * @throws everything that is no `ContrastError`, and `lib/interrupted`
 */
export async function collectProblem<T>(
  problems: Problems,
  step: () => T | Promise<T>,
  place: Place & Pick<Problem, "hint"> = {},
): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof ProblemsError) {
      // A step that was given the same collector has told its warnings there already.
      for (const warning of error.warnings) if (!problems.warnings.includes(warning)) problems.warn(warning);
      for (const problem of error.problems) problems.error({ ...place, ...problem });
      return undefined;
    }
    if (!(error instanceof ContrastError) || error.code === "lib/interrupted") throw error;
    problems.error({ ...place, code: error.code, message: messageChainOf(error), hint: error.hint ?? place.hint });
    return undefined;
  }
}
