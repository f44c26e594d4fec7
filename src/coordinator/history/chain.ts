import { ContrastError } from "../../lib/errors.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import type { VerifiedLatest } from "./latest-transition.ts";
import { hashTransition, NO_TRANSITION, type Transition } from "./transition.ts";

/** How long a history may become; a client takes no more manifests either. */
export interface ChainLimits {
  readonly transitions: number;
  /** Of all manifests together, each counted as often as it was set. */
  readonly manifestBytes: number;
}

/** The limits of a Coordinator. */
export const CHAIN_LIMITS: ChainLimits = { transitions: 10_000, manifestBytes: 256 * 1024 * 1024 };

/** One manifest of the history. */
export interface ChainLink {
  /** 32 bytes. */
  readonly transitionHash: Uint8Array;
  /** 32 bytes. */
  readonly manifestHash: Uint8Array;
  /** Shared between links of the same manifest; not to be modified. */
  readonly manifest: Uint8Array;
}

/** Objects whose hashes were checked, by 64 lower-case hexadecimal digits. */
export interface ChainSource {
  manifest(hex: string): Promise<Uint8Array>;
  transition(hex: string): Promise<Transition>;
}

/** Walks the chain of transitions. */
export interface ChainReader {
  /** See `History.chain`. */
  read(latest: VerifiedLatest): Promise<readonly ChainLink[]>;
  /**
   * Whether a transition could still be recovered after it was committed: its manifest is there, and it and all before
   * it stay within the limits.
   *
   * @throws ContrastError `coordinator/history-too-large`; as `History.manifest`
   */
  checkExtent(next: Transition): Promise<void>;
}

/** Length of the chain up to a transition. */
interface Extent {
  readonly hash: Uint8Array;
  readonly transitions: number;
  readonly manifestBytes: number;
}

const EMPTY: Extent = { hash: NO_TRANSITION, transitions: 0, manifestBytes: 0 };

/** Makes a reader; it remembers the extent of the chain that it saw last, so that each step is measured once. */
export function createChainReader(source: ChainSource, limits: ChainLimits): ChainReader {
  let known = EMPTY;

  /** Transitions from the newest back to the one after `stop`, or to the first one. */
  const walk = async (newest: Transition, stop: Uint8Array): Promise<Transition[]> => {
    const transitions = [newest];
    for (let hash = newest.previousHash; !sameBytes(hash, NO_TRANSITION) && !sameBytes(hash, stop);) {
      if (transitions.length >= limits.transitions) throw tooLarge(`more than ${limits.transitions} transitions`);
      const transition = await source.transition(hash.toHex());
      transitions.push(transition);
      hash = transition.previousHash;
    }
    return transitions;
  };

  const extend = (extent: Extent, transition: Transition, manifestBytes: number): Extent => {
    const extended = {
      hash: hashTransition(transition),
      transitions: extent.transitions + 1,
      manifestBytes: extent.manifestBytes + manifestBytes,
    };
    if (extended.transitions > limits.transitions) throw tooLarge(`more than ${limits.transitions} transitions`);
    if (extended.manifestBytes > limits.manifestBytes) throw tooLarge(`more than ${limits.manifestBytes} bytes`);
    return extended;
  };

  return {
    read: async ({ transition: newest }) => {
      const links: ChainLink[] = [];
      const manifests = new Map<string, Uint8Array>();
      let extent = EMPTY;
      for (const transition of (await walk(newest, NO_TRANSITION)).toReversed()) {
        const hex = transition.manifestHash.toHex();
        const manifest = manifests.get(hex) ?? (await source.manifest(hex));
        manifests.set(hex, manifest);
        extent = extend(extent, transition, manifest.length);
        links.push({ transitionHash: extent.hash, manifestHash: transition.manifestHash, manifest });
      }
      known = extent;
      return links;
    },
    checkExtent: async (next) => {
      const start = known;
      const steps = (await walk(next, start.hash)).toReversed();
      let extent = sameBytes(steps[0]?.previousHash ?? NO_TRANSITION, start.hash) ? start : EMPTY;
      for (const step of steps) {
        const manifest = await source.manifest(step.manifestHash.toHex());
        // Of what is only wanted, nothing is remembered.
        known = extent;
        extent = extend(extent, step, manifest.length);
      }
    },
  };
}

function tooLarge(fact: string): ContrastError {
  return new ContrastError("coordinator/history-too-large", `Cannot use history: got ${fact}`, {
    hint: "Delete the state of the Coordinator and set the manifest anew; workloads get new certificates and secrets.",
  });
}
