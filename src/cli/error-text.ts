import type { ErrorCode } from "../lib/error-codes.ts";
import { messageOf } from "../lib/errors.ts";
import { renderProblem } from "../lib/problems.ts";
import { visibleText } from "../lib/visible-text.ts";
import type { ErrorChain } from "./error-chain.ts";

/** More problems than this do not fit a screen; `--format json` lists all. */
const MAX_PROBLEMS = 200;

/**
 * An error for people: the chain on one line, each problem on a line, then what the user can do.
 *
 * @param prefix such as `Error:`, perhaps in colour
 * @param explained the code that `contrast help` says more about
 * @returns lines with a final newline, safe to show on a terminal
 */
export function renderErrorText(chain: ErrorChain, prefix: string, explained?: ErrorCode): string {
  const message = chain.layers.map((layer) => layer.message).join(": ");
  const problems = chain.problems.slice(0, MAX_PROBLEMS).flatMap((problem, index, told) => {
    // What helps against several problems in a row is said once, behind the last of them.
    const isSaidLater = problem.hint === told[index + 1]?.hint;
    const hint = problem.hint === undefined || isSaidLater ? [] : [`    ${problem.hint}`];
    return [`  ${renderProblem(problem)}`, ...hint];
  });
  const left = chain.problems.length - MAX_PROBLEMS;
  if (left > 0) problems.push(`  ... and ${left} more`);
  const report = chain.report?.lines.map((line) => `  ${line}`) ?? [];
  const more = explained === undefined ? [] : [`  More about it: contrast help ${explained}`];
  const lines = [...report, ...problems, ...chain.hints.map((hint) => `  ${hint}`), ...more];
  return `${prefix} ${[message, ...lines].map((line) => visibleText(line)).join("\n")}\n`;
}

/** What to do about a defect. */
export function defectLine(version: string): string {
  return `  This is a defect of contrast ${version}. Please report it with these lines and the command that you ran.\n`;
}

/** A defect that no code foresaw: everything that a report needs. */
export function renderInternalError(error: unknown, prefix: string, version: string): string {
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
  return `${prefix} internal error: ${visibleText(messageOf(error))}\n${visibleText(stack)}\n${defectLine(version)}`;
}
