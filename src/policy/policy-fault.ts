import { ContrastError } from "../lib/errors.ts";
import { ProblemsError } from "../lib/problems.ts";

/**
 * Gives an error about a policy text the name of its file, so that people find the line.
 *
 * @param file in which the text begins at its first line; undefined where it stands inside something else
 * @returns a ProblemsError with the place for an error that names a line, and else the error as it is
 */
export function atPolicyFile(error: unknown, file: string | undefined): unknown {
  if (!(error instanceof ContrastError)) return error;
  const { line, column } = error.details;
  if (file === undefined || typeof line !== "number" || typeof column !== "number") return error;
  const message = error.message.replace(/^Cannot \w+ policy: line \d+, column \d+: /, "");
  return new ProblemsError("Cannot load policy", [{ code: error.code, message, hint: error.hint, file, line, column }]);
}
