import type { ErrorCode } from "./error-codes.ts";
import { ContrastError } from "./errors.ts";

/** Where in the user's input a problem lies; lines and columns count from 1. */
export interface Place {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** Path of the value, such as `spec.containers[0].env[2].value`. */
  readonly path?: string | undefined;
  /** Kind and name of the Kubernetes object, such as `Deployment web`. */
  readonly object?: string | undefined;
}

/** One finding about the user's input. Problems are collected and reported together, not one for each run. */
export interface Problem extends Place {
  readonly code: ErrorCode;
  /** The fact, current value before wanted value, without the place. */
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Collects what is wrong with the input until the end of a step. */
export class Problems {
  readonly errors: Problem[] = [];
  readonly warnings: Problem[] = [];

  error(problem: Problem): void {
    this.errors.push(problem);
  }

  warn(problem: Problem): void {
    this.warnings.push(problem);
  }

  /**
   * Ends the step when errors were found.
   *
   * @param action what could not be done, such as `Cannot patch targets`
   * @throws ProblemsError carrying every error
   */
  throwIfAny(action: string): void {
    const [first, ...rest] = this.errors;
    if (first !== undefined) throw new ProblemsError(action, [first, ...rest], this.warnings);
  }
}

/** Several problems at once; its code is the one that all of them share, or else `lib/input-problems`. */
export class ProblemsError extends ContrastError {
  readonly problems: readonly [Problem, ...Problem[]];
  /** What was found besides, which may explain the errors. */
  readonly warnings: readonly Problem[];

  constructor(action: string, problems: readonly [Problem, ...Problem[]], warnings: readonly Problem[] = []) {
    const [first] = problems;
    const count = problems.length;
    super(
      problems.every(({ code }) => code === first.code) ? first.code : "lib/input-problems",
      `${action}: ${count === 1 ? "1 problem" : `${count} problems`}`,
    );
    this.problems = problems;
    this.warnings = warnings;
  }
}

/**
 * Renders a problem on one line: `file:line:column: message (Deployment web, spec.containers[0].image)`.
 * Parts that are unknown are left out.
 */
export function renderProblem(problem: Problem): string {
  const position = [problem.file, problem.line, problem.line === undefined ? undefined : problem.column]
    .filter((part) => part !== undefined)
    .join(":");
  const inside = [problem.object, problem.path].filter((part) => part !== undefined && part !== "").join(", ");
  return `${position === "" ? "" : `${position}: `}${problem.message}${inside === "" ? "" : ` (${inside})`}`;
}
