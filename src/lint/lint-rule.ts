import type { ErrorCode } from "../lib/error-codes.ts";
import type { Severity } from "../lib/finding.ts";

/** A rule of this program as its users see it; the rule itself is in `policy/lint/`. */
export interface LintRule {
  /** Stable: stands in silences, reports and documentation. */
  readonly id: string;
  /** A finding may have another one. */
  readonly severity: Severity;
  /** As which `generate` warns about it. */
  readonly code: ErrorCode;
  /** What it finds, in a few words. */
  readonly title: string;
  /** Why it matters, in full sentences. */
  readonly why: string;
  /** What to do, one imperative sentence; the hint of findings without one of their own. */
  readonly fix: string;
  /** `lint --fix` repairs all or some of its findings. */
  readonly fixable?: boolean;
  /** The line in the source may hold a secret and is never printed. */
  readonly hidesSource?: boolean;
}
