import type { KubernetesObject } from "../kubernetes/object.ts";
import { OpaInstance } from "../rego/opa-instance.ts";
import { lintInputs } from "./facts/lint-input.ts";
import type { LintFinding } from "./finding.ts";
import { lintModule } from "./lint-module.ts";
import type { LintOptions } from "./lint-options.ts";
import { parseFindings } from "./parse-findings.ts";

const ENTRY_POINT = "contrast/lint/findings";
/** Enough to keep compiled regular expressions for a few portions; the first use of more memory costs more than they do. */
const MAX_USED_BYTES = 2 * 1024 * 1024;

/**
 * The instance of the last call that went well. The runtime collects all garbage before it gives memory to another one,
 * which takes longer than the rules do.
 */
let idle: OpaInstance | undefined;

const SOURCE = { label: "the rules of this program", isOwn: true };

/**
 * Asks the rules of this program about objects.
 *
 * @param objects of the whole input, because some rules look at neighbours
 * @returns findings in the order of the objects, silenced ones included
 * @throws ContrastError `rego/evaluation-failed`
 */
export async function lintObjects(
  objects: readonly KubernetesObject[],
  options: LintOptions,
): Promise<readonly LintFinding[]> {
  const createInstance = await OpaInstance.factory(await lintModule(), MAX_USED_BYTES);
  const instance = idle ?? createInstance();
  idle = undefined;
  const findings: LintFinding[] = [];
  for (const input of lintInputs(objects, options)) {
    findings.push(...parseFindings(instance.evaluate(ENTRY_POINT, input), objects, SOURCE));
  }
  idle = instance;
  return findings;
}
