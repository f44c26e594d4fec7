import { ContrastError, type ErrorReport } from "./errors.ts";

/**
 * The same error with further members in the JSON form of its longest answer.
 *
 * @param json members that are added; they win over members of the same name
 */
export function withReportJson(error: ContrastError, json: ErrorReport["json"]): ContrastError {
  const added = addToInnermost(error, json);
  return added ?? copyOf(error, { lines: [], json }, error.cause);
}

function addToInnermost(error: ContrastError, json: ErrorReport["json"]): ContrastError | undefined {
  const cause = error.cause instanceof ContrastError ? addToInnermost(error.cause, json) : undefined;
  if (cause !== undefined) return copyOf(error, error.report, cause);
  if (error.report === undefined) return undefined;
  return copyOf(error, { lines: error.report.lines, json: { ...error.report.json, ...json } }, error.cause);
}

function copyOf({ code, message, hint, details }: ContrastError, report: ErrorReport | undefined, cause: unknown) {
  return new ContrastError(code, message, { hint, details, report, cause });
}
