import type { InputSet } from "../kubernetes/input-set.ts";
import { isConfidentialClass, runtimeClassName } from "../kubernetes/workload.ts";
import type { Problems } from "../lib/problems.ts";
import type { LintFinding } from "../lint/finding.ts";
import { findingProblem } from "../lint/finding-problem.ts";
import { lintObjects } from "../lint/lint-objects.ts";
import type { LintOptions } from "../lint/lint-options.ts";
import { obeySilences } from "../lint/silences.ts";

/** Rules about what the steps after them tell themselves, most of it as errors, and with more knowledge. */
const TOLD_LATER: ReadonlySet<string> = new Set([
  "image-digest",
  "volume-unsupported",
  "sub-path",
  "mount-unknown",
  "namespace-missing",
  "annotation-size",
  "annotation-not-text",
  "annotation-differs",
  "mesh-syntax",
  "mesh-empty",
]);

/** Rules about what cannot be wanted: such pods never get what they ask for, on any node of the platform. */
const CERTAIN: ReadonlySet<string> = new Set(["gpu-platform"]);

/**
 * Looks for frequent mistakes in the target files before anything is changed in them. Nearly all of them are warnings:
 * each may be what the user wants.
 *
 * @param problems receives a warning or, for what is certain to fail, an error for each finding that is no mere
 *   information
 * @throws ContrastError `rego/evaluation-failed`
 * @see edgelesssys/contrast `cli/verifier`
 */
export async function lintTargets(inputs: InputSet, options: LintOptions, problems: Problems): Promise<void> {
  const objects = inputs.files.filter(({ isTarget }) => isTarget).flatMap((file) => file.objects);
  const found = (await lintObjects(objects, options)).filter((finding) => !isToldLater(finding));
  for (const finding of obeySilences(found, objects).findings) {
    if (CERTAIN.has(finding.rule)) problems.error(findingProblem(finding));
    else if (finding.severity !== "info") problems.warn(findingProblem(finding));
  }
}

function isToldLater({ rule, severity, object }: LintFinding): boolean {
  if (TOLD_LATER.has(rule)) return true;
  if (rule === "host-namespace") return severity === "error";
  // Patching refuses mesh annotations of pods whose class it is about to replace.
  return rule === "mesh-annotation-unused" && isConfidentialClass(runtimeClassName(object));
}
