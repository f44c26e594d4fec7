import { containerGaps } from "./container-gaps.ts";
import type { Gap, Weight } from "./description.ts";
import { contentGaps } from "./content-gaps.ts";
import type { GapInputs } from "./gap-inputs.ts";
import { requestGaps } from "./request-gaps.ts";
import { trustGaps } from "./trust-gaps.ts";

const ORDER: Readonly<Record<Weight, number>> = { high: 0, medium: 1, note: 2 };

/** What the policy of this pod does not protect, the worst first; only what concerns this pod. */
export function findGaps(inputs: GapInputs): readonly Gap[] {
  const gaps = [...trustGaps(inputs), ...requestGaps(inputs), ...containerGaps(inputs), ...contentGaps(inputs)];
  return gaps.toSorted((left, right) => ORDER[left.weight] - ORDER[right.weight]);
}
