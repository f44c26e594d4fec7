import type { CollateralCache } from "../../attestation/collateral/collateral-cache.ts";
import type { HeldItem } from "../../attestation/collateral/judge-held.ts";
import { ContrastError } from "../../lib/errors.ts";
import { sameBytes } from "../../lib/same-bytes.ts";

/**
 * The directory of the cache, for commands that do their work there.
 *
 * @param action what cannot be done without it
 * @throws ContrastError `attestation/cache-unusable`
 */
export function requireDirectory(directory: string | undefined, action: string): string {
  if (directory !== undefined) return directory;
  throw new ContrastError("attestation/cache-unusable", `${action}: there is no place for a cache`, {
    hint: "Set CONTRAST_CACHE_DIR or HOME.",
  });
}

/**
 * Makes sure that what was fetched is in the cache: whether it can be written is of no matter to a verification, but
 * of all to a command that fills it.
 *
 * @throws ContrastError `attestation/cache-unusable`
 */
export async function requireKept(
  held: readonly HeldItem[],
  cache: CollateralCache,
  directory: string,
  action: string,
): Promise<void> {
  for (const { item } of held) {
    if (item.origin !== "network") continue;
    const kept = await cache.read(item.need);
    if (kept === undefined || !sameBytes(kept.body, item.body)) throw cacheUnwritable(directory, action);
  }
}

/** The error for a cache that keeps nothing. */
export function cacheUnwritable(directory: string, action: string): ContrastError {
  return new ContrastError("attestation/cache-unusable", `${action}: "${directory}" cannot be written`, {
    hint: "Make the directory writable, or name another one with CONTRAST_CACHE_DIR.",
    details: { path: directory },
  });
}
