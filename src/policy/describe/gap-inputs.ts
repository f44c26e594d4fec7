import type { FoundPolicy } from "../found-policy.ts";
import type { NearestProfile } from "../nearest-profile.ts";
import type { ParsedPolicy } from "../parse-policy.ts";
import type { ContainerInputs } from "./container-inputs.ts";
import type { Gap, PolicyDescription } from "./description.ts";
import type { PodSource } from "./pod-source.ts";

/** Everything that is known about one policy and its pod. */
export interface GapInputs {
  readonly found: FoundPolicy;
  readonly parsed: ParsedPolicy;
  readonly containers: readonly ContainerInputs[];
  readonly source: PodSource | undefined;
  readonly nearest: NearestProfile | undefined;
  readonly trust: PolicyDescription["trust"];
}

/** A gap, unless it concerns nothing of the pod. */
export function gapUnlessEmpty(gap: Gap): readonly Gap[] {
  return gap.concerns.length === 0 ? [] : [gap];
}

/** Up to eight names, and how many more there are. */
export function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
