import { parseCollateralUrl } from "../attestation/collateral/collateral-url.ts";
import type { CollateralItem } from "../attestation/collateral-need.ts";
import { sha256Hex } from "../lib/digest.ts";
import { ContrastError } from "../lib/errors.ts";
import { decodeUtf8, readBytes } from "../lib/files.ts";
import { readTarFiles } from "../lib/tar/read-tar-files.ts";
import { MAX_ANSWER_BYTES } from "../proto/message-limits.ts";
import { checkHistory } from "./history.ts";
import { parseSavedContents, type SavedContents } from "./saved-contents.ts";
import { SAVED_FILES, type SavedVerification } from "./saved-verification.ts";

/** Room for the largest history that is taken, with its evidence. */
const MAX_ARCHIVE_BYTES = MAX_ANSWER_BYTES + 128 * 1024 * 1024;
const TAR_LIMITS = { maxFiles: 70_000, maxFileBytes: 64 * 1024 * 1024 };

/**
 * Reads a saved verification from a file; see `parseSavedVerification`.
 *
 * @throws ContrastError `lib/file-unreadable`, `lib/file-too-large`
 */
export async function readSavedVerification(path: string): Promise<SavedVerification> {
  const what = `saved verification "${path}"`;
  return parseSavedVerification(await readBytes(path, "saved verification", MAX_ARCHIVE_BYTES), what);
}

/**
 * Parses a saved verification. It is what somebody sent: everything is bounded and every file accounted for, but
 * nothing in it is proven.
 *
 * @param what named in messages
 * @throws ContrastError `client/saved-invalid`
 */
export function parseSavedVerification(archive: Uint8Array, what: string): SavedVerification {
  try {
    return new SavedReader(readTarFiles(archive, what, TAR_LIMITS), what).read();
  } catch (error) {
    if (error instanceof ContrastError && error.code === "client/saved-invalid") throw error;
    throw new ContrastError("client/saved-invalid", `Cannot use ${what}`, {
      cause: error,
      hint: "Copy the file again, or ask for another one.",
    });
  }
}

class SavedReader {
  readonly #files: ReadonlyMap<string, Uint8Array>;
  readonly #what: string;
  readonly #taken = new Set<string>();

  constructor(files: ReadonlyMap<string, Uint8Array>, what: string) {
    this.#files = files;
    this.#what = what;
  }

  read(): SavedVerification {
    const index = this.#index();
    const presented = { oid: index.evidenceOid, value: this.#file(SAVED_FILES.evidence) };
    const saved: SavedVerification = {
      coordinator: index.coordinator,
      checkedAt: index.checkedAt,
      at: index.at,
      nonce: Uint8Array.fromHex(index.nonce),
      certificateDer: this.#file(SAVED_FILES.certificate),
      presented,
      policyHashes: index.policyHashes.map((hash) => Uint8Array.fromHex(hash)),
      collateral: index.collateral.map((entry, number) => this.#collateral(entry, number)),
      history: this.#history(index),
    };
    const extra = [...this.#files.keys()].find((path) => !this.#taken.has(path));
    if (extra !== undefined) throw this.#refuse(`it has a file "${extra}" that ${SAVED_FILES.index} does not name`);
    return saved;
  }

  #index(): SavedContents {
    return parseSavedContents(decodeUtf8(this.#file(SAVED_FILES.index), SAVED_FILES.index), this.#what);
  }

  #collateral(entry: SavedContents["collateral"][number], number: number): CollateralItem {
    const need = parseCollateralUrl(entry.url);
    if (need === undefined) throw this.#refuse(`no vendor publishes collateral under "${entry.url}"`);
    return {
      need,
      url: entry.url,
      body: this.#file(SAVED_FILES.collateral(number)),
      issuerChainPem: entry.issuerChainPem ?? undefined,
      origin: entry.origin,
      fetchedAt: entry.fetchedAt ?? undefined,
      note: entry.note ?? undefined,
    };
  }

  #history(index: SavedContents): SavedVerification["history"] {
    const policies = index.policies.map((sha256) => {
      const path = SAVED_FILES.policy(sha256);
      const bytes = this.#file(path);
      if (sha256Hex(bytes) !== sha256) throw this.#refuse(`"${path}" has another hash than its name`);
      return bytes;
    });
    return checkHistory({
      manifests: Array.from({ length: Math.min(index.manifests, this.#files.size) }, (_, number) =>
        this.#file(SAVED_FILES.manifest(number)),
      ),
      policies,
      rootCaPem: this.#file(SAVED_FILES.rootCa),
      meshCaPem: this.#file(SAVED_FILES.meshCa),
      latestTransition: index.latestTransition === null ? undefined : Uint8Array.fromHex(index.latestTransition),
    });
  }

  #file(path: string): Uint8Array {
    const content = this.#files.get(path);
    if (content === undefined) throw this.#refuse(`"${path}" is missing`);
    this.#taken.add(path);
    return content;
  }

  #refuse(fact: string): ContrastError {
    return new ContrastError("client/saved-invalid", `Cannot use ${this.#what}: ${fact}`);
  }
}
