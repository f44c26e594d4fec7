import type { InputSet } from "../kubernetes/input-set.ts";
import { type Problem, Problems } from "../lib/problems.ts";
import { type ImagedTargets, targetsWithImages } from "./target-images.ts";
import { finishTargets, type PolicyIngredients } from "./target-policies.ts";

/**
 * Ends a run in which nothing can be written any more. Policies of the workloads without errors are derived
 * nevertheless, so that one run tells everything: what no policy can express, and which layers are missing beside images.
 *
 * @param action what could not be done first
 * @throws ProblemsError with the problems of all steps, in the order of the input
 */
export async function refuseRun(
  action: string,
  inputs: InputSet,
  imaged: ImagedTargets,
  ingredients: PolicyIngredients,
  problems: Problems,
): Promise<void> {
  if (imaged.images.has(ingredients.settings.cluster_config.pause_container_image)) {
    await Array.fromAsync(finishTargets(targetsWithImages(imaged), ingredients, problems), () => undefined);
  }
  const sorted = new Problems();
  for (const problem of inInputOrder(problems.errors, inputs)) sorted.error(problem);
  for (const warning of problems.warnings) sorted.warn(warning);
  sorted.throwIfAny(action);
}

/** By file as they were read, then by line; what has no place in the input comes last. */
function inInputOrder(problems: readonly Problem[], { files }: InputSet): readonly Problem[] {
  const ranks = new Map(files.map(({ stream }, index) => [stream.file, index]));
  const rank = ({ file }: Problem): number => ranks.get(file ?? "") ?? files.length;
  return problems.toSorted((left, right) => rank(left) - rank(right) || (left.line ?? 0) - (right.line ?? 0));
}
