import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Path } from "../kubernetes/path.ts";
import type { Severity } from "../lib/finding.ts";
import type { Place } from "../lib/problems.ts";

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
  readonly severity: Severity;
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
