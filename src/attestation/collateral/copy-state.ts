import type { CollateralItem } from "../collateral-need.ts";
import type { CollateralValidity } from "../gather-collateral.ts";
import { isCertificateNeed } from "./describe-need.ts";

/**
 * How good a copy of collateral is.
 *
 * - `current`: used without asking anybody
 * - `old`: valid, but its vendor may have newer
 * - `invalid-now`: its own dates do not cover the time that it is needed for
 */
export type CopyState = "current" | "old" | "invalid-now";

/** From here on a cached copy is refreshed where that is possible. */
const FRESH_MS = 24 * 60 * 60 * 1000;

/**
 * Judges a copy by its dates. Certificates stay current for ever: what replaces them has another address. Only cached
 * copies grow old; evidence, files and bundles were chosen by somebody.
 *
 * @param at the time that it is needed for; a copy that was fetched less than a day before, or later, is fresh
 * @param now the clock; a copy from the future is of unknown age
 */
export function copyState(item: CollateralItem, validity: CollateralValidity, at: Date, now: Date): CopyState {
  if (isCertificateNeed(item.need)) return "current";
  if (!isValidAt(validity, at)) return "invalid-now";
  if (item.origin !== "cache") return "current";
  const { fetchedAt } = item;
  if (fetchedAt === undefined || fetchedAt > now) return "old";
  return at.getTime() - fetchedAt.getTime() < FRESH_MS ? "current" : "old";
}

/** Whether the object's own dates cover a time; ends are included. */
export function isValidAt({ notBefore, notAfter }: CollateralValidity, at: Date): boolean {
  return (notBefore === undefined || notBefore <= at) && (notAfter === undefined || at <= notAfter);
}

/** A span of time in words, such as `3 days`. */
export function renderAge(ms: number): string {
  const units = [
    ["day", 24 * 60 * 60 * 1000],
    ["hour", 60 * 60 * 1000],
    ["minute", 60 * 1000],
  ] as const;
  for (const [unit, size] of units) {
    const count = Math.floor(ms / size);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  return "less than a minute";
}
