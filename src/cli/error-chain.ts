import type { ErrorCode } from "../lib/error-codes.ts";
import { ContrastError, type ErrorInfo, type ErrorReport, messageOf } from "../lib/errors.ts";
import { type Problem, ProblemsError } from "../lib/problems.ts";

/** One layer of an error. */
interface ErrorLayer {
  readonly message: string;
  readonly code: ErrorCode | undefined;
  readonly details: ErrorInfo["details"];
}

/** An error and its causes, told apart for printing. */
export interface ErrorChain {
  /** Outermost first; a cause whose text its context already quotes is left out. */
  readonly layers: readonly ErrorLayer[];
  /** What the user can do, without repetitions. */
  readonly hints: readonly string[];
  readonly problems: readonly Problem[];
  /** Findings that are no errors by themselves. */
  readonly warnings: readonly Problem[];
  /** The innermost long answer. */
  readonly report: ErrorReport | undefined;
}

/** More layers than this are a cycle or a defect. */
const MAX_LAYERS = 16;

/** Follows the causes of anything that was thrown. */
export function errorChainOf(error: unknown): ErrorChain {
  const layers: ErrorLayer[] = [];
  const hints = new Set<string>();
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  let report: ErrorReport | undefined;
  let current: unknown = error;
  for (let depth = 0; depth < MAX_LAYERS && current !== undefined; depth++) {
    const message = messageOf(current);
    const contrastError = current instanceof ContrastError ? current : undefined;
    if (!layers.some((layer) => layer.message.includes(message))) {
      layers.push({ message, code: contrastError?.code, details: contrastError?.details });
    }
    if (contrastError?.hint !== undefined) hints.add(contrastError.hint);
    report = contrastError?.report ?? report;
    if (contrastError instanceof ProblemsError) {
      problems.push(...contrastError.problems);
      warnings.push(...contrastError.warnings);
    }
    current = current instanceof Error ? current.cause : undefined;
  }
  return { layers, hints: [...hints], problems, warnings, report };
}
