import { sha256Hex } from "../lib/digest.ts";
import { ContrastError } from "../lib/errors.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import type { Manifest } from "../manifest/schema.ts";
import type { HistoryCollector } from "./collect-history.ts";
import type { Snapshot } from "./snapshot.ts";

/** How much there is to tell to a client that wants to see everything. */
interface AnswerExtent {
  readonly bytes: number;
  /** Hashes of the policies in it, lower case. */
  readonly policies: ReadonlySet<string>;
}

/** A manifest that may come into force. */
export interface AnswerAddition {
  /** Policy hashes in lower case. */
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  /** By their hashes; at least those that the manifest names. */
  readonly policies: ReadonlyMap<string, Uint8Array>;
}

/** Keeps manifests from coming into force that would make the history larger than anybody could be told. */
export interface AnswerExtents {
  /**
   * Checks a manifest on top of a snapshot.
   *
   * @returns to be called with the hash of its transition when it is in force
   * @throws ContrastError `coordinator/history-full`
   */
  check(base: Snapshot | undefined, addition: AnswerAddition): Promise<(transitionHash: Uint8Array) => void>;
}

const NOTHING: AnswerExtent = { bytes: 0, policies: new Set() };

/**
 * Makes the check. It remembers the extent of the manifest that came into force last here, and otherwise collects what
 * there is. A history that cannot be read does not keep its owners from going on.
 *
 * @param maxBytes of all manifests and policies together
 */
export function createAnswerExtents(collect: HistoryCollector, maxBytes: number): AnswerExtents {
  let known: { readonly transitionHash: Uint8Array; readonly extent: AnswerExtent } | undefined;
  const extentOf = async (base: Snapshot | undefined): Promise<AnswerExtent | undefined> => {
    if (base === undefined) return NOTHING;
    if (known !== undefined && sameBytes(known.transitionHash, base.latest.transitionHash)) return known.extent;
    try {
      const { manifests, policies } = await collect(base);
      const bytes = [...manifests, ...policies].reduce((sum, { length }) => sum + length, 0);
      return { bytes, policies: new Set(policies.map((policy) => sha256Hex(policy))) };
    } catch (error) {
      if (!(error instanceof ContrastError)) throw error;
      if (error.code === "coordinator/answer-too-large") throw historyFull(maxBytes, error);
      return undefined;
    }
  };
  return {
    check: async (base, addition) => {
      const before = await extentOf(base);
      if (before === undefined) return () => {};
      const extent = extended(before, addition);
      if (extent.bytes > maxBytes) throw historyFull(maxBytes);
      return (transitionHash) => void (known = { transitionHash, extent });
    },
  };
}

function extended(before: AnswerExtent, { manifest, manifestBytes, policies }: AnswerAddition): AnswerExtent {
  const added = [...manifest.policies.keys()].filter((hash) => !before.policies.has(hash));
  const addedBytes = added.reduce((sum, hash) => sum + (policies.get(hash)?.length ?? 0), 0);
  return {
    bytes: before.bytes + manifestBytes.length + addedBytes,
    policies: new Set([...before.policies, ...added]),
  };
}

function historyFull(maxBytes: number, cause?: unknown): ContrastError {
  return new ContrastError(
    "coordinator/history-full",
    `Cannot set the manifest: with it, manifests and policies would have more than ${maxBytes} bytes together, and nobody could be told the history`,
    { cause, hint: "Delete the state of the Coordinator and set the manifest anew; workloads get new secrets." },
  );
}
