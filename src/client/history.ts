import { sha256Hex } from "../lib/digest.ts";
import { ContrastError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import { parseManifest } from "../manifest/manifest-json.ts";
import type { ManifestHistory } from "../rpc/coordinator-session.ts";
import { checkCaPem } from "./ca-certificate.ts";

/** More than any deployment has; each becomes a file. */
const MAX_MANIFESTS = 10_000;
const MAX_POLICIES = 50_000;
const TRANSITION_BYTES = 32;

/** A history as a Coordinator told it, bounded, with digests. The order is the Coordinator's: oldest manifest first. */
export interface CheckedHistory {
  readonly manifests: readonly HashedBytes[];
  /** Each once. */
  readonly policies: readonly HashedBytes[];
  readonly rootCaPem: Uint8Array;
  readonly meshCaPem: Uint8Array;
  /** Hash of the Coordinator's latest transition, 32 bytes; only of later versions. */
  readonly latestTransition: Uint8Array | undefined;
}

/** Bytes and their SHA-256, 64 lower-case hexadecimal digits. */
export interface HashedBytes {
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/**
 * Bounds a history before anything of it becomes a file, and checks its certificates.
 *
 * @throws ContrastError `client/history-too-large`, `client/history-empty`, `client/ca-invalid`, `rpc/answer-invalid`
 */
export function checkHistory(history: ManifestHistory): CheckedHistory {
  const { manifests, policies, rootCaPem, meshCaPem, latestTransition } = history;
  bound(manifests.length, MAX_MANIFESTS, "manifests");
  bound(policies.length, MAX_POLICIES, "policies");
  if (manifests.length === 0) {
    throw new ContrastError("client/history-empty", "failed to verify Coordinator manifest: manifest history is empty");
  }
  if (latestTransition !== undefined && latestTransition.length !== TRANSITION_BYTES) {
    throw new ContrastError(
      "rpc/answer-invalid",
      `Cannot use the Coordinator's latest transition: got ${latestTransition.length} bytes, need ${TRANSITION_BYTES}`,
    );
  }
  checkCaPem(rootCaPem, "root CA");
  checkCaPem(meshCaPem, "mesh CA");
  const unique = new Map(policies.map((bytes) => [sha256Hex(bytes), bytes]));
  return {
    manifests: manifests.map((bytes) => ({ sha256: sha256Hex(bytes), bytes })),
    policies: [...unique].map(([sha256, bytes]) => ({ sha256, bytes })),
    rootCaPem,
    meshCaPem,
    latestTransition,
  };
}

/**
 * Compares the active manifest with the expected one, byte for byte.
 *
 * @param showDifference the command that shows how they differ
 * @throws ContrastError `client/manifest-differs`
 */
export function compareActiveManifest(
  { manifests }: CheckedHistory,
  expected: Uint8Array,
  showDifference: string,
): void {
  const active = manifests.at(-1);
  if (active !== undefined && sameBytes(active.bytes, expected)) return;
  throw new ContrastError(
    "client/manifest-differs",
    "failed to verify Coordinator manifest: active manifest does not match expected manifest",
    {
      hint: `See how they differ with "${showDifference}". Formatting counts too, since a manifest is its bytes.`,
      details: { expected: sha256Hex(expected), actual: active?.sha256 ?? "none" },
    },
  );
}

/** Warns of manifests that name policies which the Coordinator did not return, or that cannot be read. */
export function warnAboutCoverage({ manifests, policies }: CheckedHistory, log: Logger): void {
  const returned = new Set(policies.map(({ sha256 }) => sha256));
  for (const [index, { bytes, sha256 }] of manifests.entries()) {
    const named = policyHashes(bytes);
    if (named === undefined) {
      log.warn("a manifest of the history cannot be read", { index, sha256 });
      continue;
    }
    const missing = named.filter((hash) => !returned.has(hash));
    if (missing.length > 0) {
      log.warn("the coordinator did not return every policy of a manifest", {
        index,
        missing: missing.length,
        first: missing[0],
      });
    }
  }
}

function policyHashes(manifest: Uint8Array): readonly string[] | undefined {
  try {
    return [...parseManifest(manifest, "manifest of the history").policies.keys()].map((hash) => hash.toLowerCase());
  } catch (error) {
    if (error instanceof ContrastError) return undefined;
    throw error;
  }
}

function bound(actual: number, limit: number, what: string): void {
  if (actual <= limit) return;
  throw new ContrastError(
    "client/history-too-large",
    `Cannot use the Coordinator's history: got ${actual} ${what}, limit ${limit}`,
  );
}
