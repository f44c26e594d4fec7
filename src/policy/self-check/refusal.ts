import type { Json } from "../../lib/json.ts";
import { type Mutation, mutated } from "./mutation.ts";
import type { SelfCheckStep } from "./self-check-step.ts";

/**
 * A step that must be denied: a request that would be allowed, with one difference.
 *
 * @param base builds the request that would be allowed
 */
export function refusal(
  container: string,
  kind: string,
  { check, part, patch }: Mutation,
  base: () => Json,
): SelfCheckStep {
  const request = (): Json => mutated(base(), patch);
  return { container, kind, check, request, allowed: false, decidedBy: part, difference: JSON.stringify(patch) };
}
