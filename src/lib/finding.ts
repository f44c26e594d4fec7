import type { Place, Problem } from "./problems.ts";

/** From the worst to the mildest. */
export const SEVERITIES = ["error", "warning", "info"] as const;

/** How sure it is that something must change; an `info` is worth knowing and never needs action. */
export type Severity = (typeof SEVERITIES)[number];

/** What a command has found about its input; every command tells it with these words. */
export interface Finding extends Place {
  readonly severity: Severity;
  /** Error code, or the id of a rule. */
  readonly code?: string | undefined;
  /** The fact, without the place. */
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Errors, then warnings, as findings. */
export function findingsOf(errors: readonly Problem[], warnings: readonly Problem[]): readonly Finding[] {
  const error = errors.map((problem) => ({ ...problem, severity: "error" as const }));
  return [...error, ...warnings.map((problem) => ({ ...problem, severity: "warning" as const }))];
}

/** How many findings there are of each severity. */
export function countFindings(findings: readonly Pick<Finding, "severity">[]): Record<Severity, number> {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}
