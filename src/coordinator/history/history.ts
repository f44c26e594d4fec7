import type { KeyObject } from "node:crypto";
import type { Disk } from "../../lib/disk.ts";
import { ContrastError } from "../../lib/errors.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { CHAIN_LIMITS, type ChainLimits, type ChainLink, createChainReader } from "./chain.ts";
import { openLatestRegister } from "./latest-register.ts";
import { type LatestTransition, signLatest, type VerifiedLatest } from "./latest-transition.ts";
import { createObjectStore } from "./object-store.ts";
import { createStoreDirectory } from "./store-directory.ts";
import { encodeTransition, NO_TRANSITION, parseTransition, type Transition } from "./transition.ts";

/** What a Coordinator keeps on disk. Nothing in it is secret; its integrity comes from hashes and one signature. */
export interface History {
  /**
   * The newest transition, not verified; undefined in an empty history. Finishes what a killed process left half-done.
   *
   * @throws ContrastError `coordinator/history-corrupt`, `coordinator/history-unreadable`, `coordinator/history-unwritable`
   */
  latest(): Promise<LatestTransition | undefined>;
  /**
   * Stores an object, durable when it resolves; an object that is there with other content is put right.
   *
   * @returns its name: SHA-256, 64 lower-case hexadecimal digits
   * @throws ContrastError `coordinator/history-unwritable`, `coordinator/history-corrupt`, `coordinator/history-too-large`
   */
  putPolicy(bytes: Uint8Array): Promise<string>;
  /** As `putPolicy`. */
  putManifest(bytes: Uint8Array): Promise<string>;
  /** As `putPolicy`. */
  putTransition(transition: Transition): Promise<string>;
  /**
   * Reads an object and checks its hash.
   *
   * @throws ContrastError `coordinator/history-missing`, `coordinator/history-corrupt`, `coordinator/history-unreadable`,
   * `coordinator/history-key-invalid`
   */
  policy(hex: string): Promise<Uint8Array>;
  /** As `policy`. */
  manifest(hex: string): Promise<Uint8Array>;
  /** As `policy`. */
  transition(hex: string): Promise<Transition>;
  /**
   * Makes a stored transition the newest one, if the newest one is still the expected one: the commit point. Holds
   * between any number of processes on one directory; durable when it resolves.
   *
   * @param expected what `latest` returned; undefined for an empty history
   * @param key private, the transaction key
   * @throws ContrastError `coordinator/history-changed` and `coordinator/history-unwritable`: nothing was committed;
   * `coordinator/history-uncertain`: it may be committed; `coordinator/history-too-large`; as `manifest`
   */
  advance(
    expected: LatestTransition | undefined,
    transitionHash: Uint8Array,
    key: KeyObject,
  ): Promise<LatestTransition>;
  /**
   * All transitions with their manifests, oldest first, every hash checked.
   *
   * @throws ContrastError `coordinator/history-too-large`; as `manifest`
   */
  chain(latest: VerifiedLatest): Promise<readonly ChainLink[]>;
}

/**
 * Opens the history in a directory, laid out as Contrast 1.4 does (`manifests`, `policies`, `transitions`), and removes
 * old temporary files. A directory that does not exist yet is an empty history, and is made when something is stored.
 *
 * @param directory its parent must exist
 * @throws ContrastError `coordinator/history-unreadable`, `coordinator/history-corrupt`
 */
export async function openHistory(directory: string, disk: Disk, limits: ChainLimits = CHAIN_LIMITS): Promise<History> {
  const store = await createStoreDirectory(directory, disk);
  const objects = createObjectStore(store);
  const register = openLatestRegister(store);
  const manifest = (hex: string): Promise<Uint8Array> => objects.get("manifests", hex);
  const transition = async (hex: string): Promise<Transition> => parseTransition(await objects.get("transitions", hex));
  const chain = createChainReader({ manifest, transition }, limits);
  return {
    latest: () => register.read(),
    putPolicy: (bytes) => objects.put("policies", bytes),
    putManifest: (bytes) => objects.put("manifests", bytes),
    putTransition: (value) => objects.put("transitions", encodeTransition(value)),
    policy: (hex) => objects.get("policies", hex),
    manifest,
    transition,
    advance: async (expected, transitionHash, key) => {
      const next = await transition(transitionHash.toHex());
      if (!sameBytes(next.previousHash, expected?.transitionHash ?? NO_TRANSITION)) {
        throw new ContrastError(
          "lib/internal",
          "Cannot advance history: the transition does not follow the expected one",
        );
      }
      await chain.checkExtent(next);
      return await register.swap(expected, signLatest(next, key));
    },
    chain: (latest) => chain.read(latest),
  };
}
