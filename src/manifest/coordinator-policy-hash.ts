import { ContrastError } from "../lib/errors.ts";
import { exists, readText } from "../lib/files.ts";
import type { Logger } from "../lib/log.ts";
import { quoteText } from "../lib/quote-text.ts";
import { releasedCoordinatorPolicies, type ReleasedPolicy } from "./released-coordinator-policies.ts";
import type { Manifest } from "./schema.ts";

/** Which policy the Coordinator must run under, and who says so. */
export interface ExpectedCoordinatorPolicy {
  /** One or more; 32 bytes each. Any of them will do. */
  readonly hashes: readonly Uint8Array[];
  readonly source: "flag" | "manifest" | "workspace" | "release";
  /** The source for people, such as `--coordinator-policy-hash`. */
  readonly sourceText: string;
}

/** Where an expectation may come from. */
export interface CoordinatorPolicySources {
  /** Value of `--coordinator-policy-hash`; undefined where the user did not give it. */
  readonly flag: string | undefined;
  readonly manifest: Manifest;
  /** `coordinator-policy.sha256` of the workspace, as `generate` writes it. */
  readonly workspacePath: string;
  readonly log: Logger;
}

const HASH_BYTES = 32;
/** One hash, and room for line ends. */
const MAX_HASH_FILE_BYTES = 1024;

/**
 * Decides which policy hash is expected of the Coordinator: the flag, else the manifest's entries with role
 * `coordinator`, else the file of the workspace, else the released Coordinator of the manifest's platform.
 *
 * @param releasedFor which Coordinators were released for the hosts of a manifest
 * @throws ContrastError `manifest/coordinator-policy-hash-invalid`, `manifest/coordinator-policy-file-invalid`,
 *   `manifest/coordinator-policy-unknown`, `lib/file-unreadable`, `lib/file-too-large`, `lib/text-not-utf8`
 */
export async function resolveCoordinatorPolicy(
  sources: CoordinatorPolicySources,
  releasedFor: (manifest: Manifest) => readonly ReleasedPolicy[] = releasedCoordinatorPolicies,
): Promise<ExpectedCoordinatorPolicy> {
  const { flag, manifest, workspacePath, log } = sources;
  const inManifest = coordinatorHashes(manifest);
  if (flag !== undefined) {
    const hash = parseFlag(flag);
    if (inManifest.length > 0 && !inManifest.includes(hash.toHex())) {
      log.warn("the flag coordinator-policy-hash names another policy than the manifest", { hash: hash.toHex() });
    }
    return { hashes: [hash], source: "flag", sourceText: "--coordinator-policy-hash" };
  }
  if (inManifest.length > 0) {
    const hashes = inManifest.map((hash) => Uint8Array.fromHex(hash));
    return { hashes, source: "manifest", sourceText: "the manifest's policies with role coordinator" };
  }
  if (await exists(workspacePath)) {
    const hash = await readHashFile(workspacePath);
    log.info("using the coordinator policy hash of the workspace", { path: workspacePath, hash: hash.toHex() });
    return { hashes: [hash], source: "workspace", sourceText: workspacePath };
  }
  const [released, ...others] = releasedFor(manifest);
  if (released === undefined || others.length > 0) throw unknownPolicy(others.length > 0);
  return {
    hashes: [Uint8Array.fromHex(released.hash)],
    source: "release",
    sourceText: `the released Coordinator for ${released.platforms.join(", ")}`,
  };
}

/** Hashes of the manifest's Coordinators, lower case. A hash of another form is the validation's finding. */
function coordinatorHashes({ policies }: Manifest): readonly string[] {
  return [...policies]
    .filter(([hash, { role }]) => role === "coordinator" && /^[0-9A-Fa-f]{64}$/.test(hash))
    .map(([hash]) => hash.toLowerCase());
}

function parseFlag(text: string): Uint8Array {
  if (!/^(?:[0-9A-Fa-f]{2})*$/.test(text)) {
    throw new ContrastError(
      "manifest/coordinator-policy-hash-invalid",
      `hex-decoding coordinator-policy-hash flag: got ${quoteText(text)}, need pairs of hexadecimal digits`,
    );
  }
  const hash = Uint8Array.fromHex(text);
  if (hash.length !== HASH_BYTES) {
    throw new ContrastError(
      "manifest/coordinator-policy-hash-invalid",
      `coordinator-policy-hash must be exactly ${HASH_BYTES} hex-encoded bytes, got ${hash.length}`,
    );
  }
  return hash;
}

async function readHashFile(path: string): Promise<Uint8Array> {
  const text = (await readText(path, "coordinator policy hash", MAX_HASH_FILE_BYTES)).trim();
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return Uint8Array.fromHex(text);
  // Not quoted: a key that was copied over it by mistake would be shown.
  throw new ContrastError(
    "manifest/coordinator-policy-file-invalid",
    `Cannot use coordinator policy hash "${path}": got ${text.length} characters, need 64 hexadecimal digits`,
    { hint: "Run generate again, or give the hash with --coordinator-policy-hash.", details: { path } },
  );
}

function unknownPolicy(ambiguous: boolean): ContrastError {
  const fact = ambiguous
    ? "the released Coordinators of the manifest's platforms have different policies"
    : "no flag, no policy with role coordinator in the manifest, no coordinator-policy.sha256, no released Coordinator";
  return new ContrastError(
    "manifest/coordinator-policy-unknown",
    `Cannot tell which policy the Coordinator must have: ${fact}`,
    {
      hint: "Give the hash with --coordinator-policy-hash; generate writes it to coordinator-policy.sha256 when the Coordinator is among its inputs.",
    },
  );
}
