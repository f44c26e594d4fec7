import type { CollateralUse } from "./verdict.ts";

/** The object of a verification that expires first, of those that name an end. */
export function earliestExpiry(
  uses: readonly CollateralUse[],
): (CollateralUse & { readonly notAfter: Date }) | undefined {
  const ending = uses.flatMap((use) => (use.notAfter === undefined ? [] : [{ ...use, notAfter: use.notAfter }]));
  const [first] = ending.toSorted((left, right) => left.notAfter.getTime() - right.notAfter.getTime());
  return first;
}
