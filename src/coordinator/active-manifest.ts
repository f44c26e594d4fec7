import { ContrastError, messageChainOf } from "../lib/errors.ts";
import { decodeUtf8 } from "../lib/files.ts";
import { ProblemsError, renderProblem } from "../lib/problems.ts";
import { parseManifest } from "../manifest/manifest-json.ts";
import type { Manifest, PolicyEntry } from "../manifest/schema.ts";
import { MAX_MANIFEST_BYTES } from "./request-limits.ts";

/**
 * Reads a manifest as a client sent it or the history has it. Its values are not checked.
 *
 * @throws ContrastError `coordinator/manifest-unreadable`, also for JSON `null`, which Go's decoder lets pass
 */
export function parseActiveManifest(bytes: Uint8Array): Manifest {
  const action = "Cannot use the manifest: unmarshaling manifest";
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new ContrastError(
      "coordinator/manifest-unreadable",
      `${action}: got ${bytes.length} bytes, limit ${MAX_MANIFEST_BYTES}`,
    );
  }
  try {
    if (/^[\t\n\r ]*null[\t\n\r ]*$/.test(decodeUtf8(bytes, "manifest"))) {
      throw new ContrastError("lib/json-wrong-type", "Cannot read manifest: got null, need an object");
    }
    return parseManifest(bytes, "manifest");
  } catch (error) {
    const fact = error instanceof ProblemsError ? error.problems.map(renderProblem).join("; ") : messageChainOf(error);
    throw new ContrastError("coordinator/manifest-unreadable", `${action}: ${fact}`, { cause: error });
  }
}

/**
 * The same manifest with policy hashes in lower case, as they are compared. Of two that are then equal, the one that was
 * written so is kept: version 1.4 found only that one.
 */
export function withLowerCaseHashes(manifest: Manifest): Manifest {
  const policies = new Map<string, PolicyEntry>();
  for (const [hash, entry] of manifest.policies) {
    const lower = hash.toLowerCase();
    if (hash === lower || !policies.has(lower)) policies.set(lower, entry);
  }
  return { ...manifest, policies };
}
