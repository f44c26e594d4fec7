import { renderInstant } from "../lib/instant.ts";
import type { CollateralUse, Verdict } from "./verdict.ts";

/** The object of a verification that expires first, of those that name an end. */
export function earliestExpiry(
  uses: readonly CollateralUse[],
): (CollateralUse & { readonly notAfter: Date }) | undefined {
  const ending = uses.flatMap((use) => (use.notAfter === undefined ? [] : [{ ...use, notAfter: use.notAfter }]));
  const [first] = ending.toSorted((left, right) => left.notAfter.getTime() - right.notAfter.getTime());
  return first;
}

/** The same on one line; what ended before the time that is judged has expired. */
export function earliestExpiryText({ collateral = [], at }: Verdict<unknown>): string | undefined {
  const first = earliestExpiry(collateral);
  if (first === undefined) return undefined;
  const event = at !== undefined && first.notAfter < at ? "expired" : "first to expire";
  return `${event}: ${first.name}, ${renderInstant(first.notAfter)}`;
}
