import { viewWorkload } from "../../kubernetes/pod/workload-view.ts";
import type { Json } from "../../lib/json.ts";
import { containerImages, podSteps, type PodStepsInput } from "./pod-steps.ts";

/** A request with the answer that it must get, in the form of a policy test case. */
export type SelfCheckCase = {
  readonly description: string;
  readonly kind: string;
  readonly request: Json;
  readonly allowed: boolean;
};

/** The requests of a self-check for another engine to answer: in this order, with one state. */
export async function selfCheckCases(input: Omit<PodStepsInput, "view">): Promise<readonly SelfCheckCase[]> {
  const view = viewWorkload(input.object, () => {});
  if (view === undefined) return [];
  const steps = [...podSteps({ ...input, view }, await containerImages({ ...input, view }))];
  return steps.map(({ container, check, kind, request, allowed }) => ({
    description: `${container}: ${check}`,
    kind,
    request: request(),
    allowed,
  }));
}
