import { ProblemsError } from "../../lib/problems.ts";
import { EngineRefusal } from "../../rego/regorus/engine-refusal.ts";

/**
 * Gives an error about a policy text the name of its file, so that people find the line.
 *
 * @param file in which the text begins at its first line; undefined where it stands inside something else
 * @returns a ProblemsError with the place for an error that names one, and else the error as it is
 */
export function atPolicyFile(error: unknown, file: string | undefined): unknown {
  if (!(error instanceof EngineRefusal) || error.place === undefined || file === undefined) return error;
  return new ProblemsError("Cannot load policy", [{ code: error.code, message: error.fact, file, ...error.place }]);
}
