import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Path } from "../kubernetes/path.ts";
import type { Place } from "../lib/problems.ts";

/** How sure it is that something must change; an `info` is worth knowing and never needs action. */
export type LintSeverity = "error" | "warning" | "info";

/** From the worst to the mildest. */
export const SEVERITIES: readonly LintSeverity[] = ["error", "warning", "info"];

/** A value that repairs a finding. */
export interface FixStep {
  /** Inside the object. */
  readonly path: Path;
  readonly value: string;
}

/** What one rule has to say about one place of the input. */
export interface LintFinding {
  /** Id of a rule of this program, or the one that a rule of the user gives. */
  readonly rule: string;
  readonly severity: LintSeverity;
  /** The fact, without the place. */
  readonly message: string;
  readonly hint: string | undefined;
  readonly object: KubernetesObject;
  /** Inside the object. */
  readonly path: Path;
  readonly place: Place;
  /** Empty where only a person can repair it. */
  readonly fix: readonly FixStep[];
}
