import type { InputSet } from "../kubernetes/input-set.ts";
import { type Problem, Problems } from "../lib/problems.ts";
import { type ImagedTargets, targetsWithImages } from "./target-images.ts";
import { finishTargets, type PolicyIngredients } from "./target-policies.ts";

/**
 * Derives the policies of workloads without errors in a run that can write nothing any more, so that it tells everything
 * that is wrong: what no policy can express, and which layers are missing beside images.
 */
export async function findMoreProblems(
  imaged: ImagedTargets,
  ingredients: PolicyIngredients,
  problems: Problems,
): Promise<void> {
  if (!imaged.images.has(ingredients.settings.cluster_config.pause_container_image)) return;
  await Array.fromAsync(finishTargets(targetsWithImages(imaged), ingredients, problems), () => undefined);
}

/**
 * Ends a run with the problems of all its steps, in the order of the input.
 *
 * @param action what could not be done first
 * @throws ProblemsError when there is any error
 */
export function refuseRun(action: string, inputs: InputSet, problems: Problems): void {
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
