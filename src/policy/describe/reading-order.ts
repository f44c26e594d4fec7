import type { ContainerDescription } from "./description.ts";

/**
 * Containers in the order in which people want to read of them: those that somebody wrote, then what `generate` added to
 * the pod, then the one that only holds it together. Otherwise as in the policy.
 */
export function inReadingOrder(containers: readonly ContainerDescription[]): readonly ContainerDescription[] {
  return containers.toSorted((left, right) => distanceOf(left) - distanceOf(right));
}

function distanceOf({ role, injected }: ContainerDescription): number {
  if (role === "sandbox") return 2;
  return injected ? 1 : 0;
}
