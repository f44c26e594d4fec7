import { sha256Hex } from "../../lib/digest.ts";
import type { Crl } from "../../pki/x509/crl.ts";
import type { Obstacle } from "../check-row.ts";
import type { JudgedEndorsement } from "./judge-endorsement.ts";

/** Findings about certificates and revocation lists that hold at any time; dates are not among them. */
export interface SnpChainCache {
  readonly endorsements: Memo<JudgedEndorsement>;
  readonly crls: Memo<Crl | Obstacle>;
}

/** Remembers results of a pure function by a digest of everything that they depend on. */
export interface Memo<T> {
  /** @param parts what the result depends on, in a fixed order */
  remember(parts: readonly (Uint8Array | string)[], make: () => T): T;
}

/**
 * An empty cache, to be handed to verifications that follow each other. Findings, good and bad, are those of the
 * verification itself, so a cache changes nothing but the time that it takes.
 *
 * @param maxEntries of each kind; the oldest goes first
 */
export function createSnpChainCache(maxEntries = 64): SnpChainCache {
  return { endorsements: createMemo(maxEntries), crls: createMemo(maxEntries) };
}

function createMemo<T>(maxEntries: number): Memo<T> {
  const known = new Map<string, T>();
  return {
    remember(parts, make) {
      const key = parts.map(sha256Hex).join();
      const earlier = known.get(key);
      if (earlier !== undefined) return earlier;
      const result = make();
      const [oldest] = known.keys();
      if (known.size >= maxEntries && oldest !== undefined) known.delete(oldest);
      known.set(key, result);
      return result;
    },
  };
}
