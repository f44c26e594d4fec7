import { exists, readText } from "../lib/files.ts";
import { generateSeedshareOwnerKey, seedshareOwnerPublicKey } from "./seedshare-owner-key.ts";
import { generateWorkloadOwnerKey, workloadOwnerKeyDigest } from "./workload-owner-key.ts";

/** The key files that the user or the defaults name. */
export interface OwnerKeyPaths {
  readonly workload: readonly string[];
  readonly seedshare: readonly string[];
  /** No workload owner: nobody may change the manifest after it was set. */
  readonly disableUpdates: boolean;
}

/** What the manifest gets of the keys, and the files that are still to be written. */
export interface OwnerKeys {
  /** In the order of the paths, see `workloadOwnerKeyDigest`. */
  readonly workloadDigests: readonly string[];
  /** In the order of the paths, see `seedshareOwnerPublicKey`. */
  readonly seedshareKeys: readonly string[];
  readonly newFiles: readonly NewKeyFile[];
}

/** A private key that exists only in memory so far. It must become a file of mode 0600 that did not exist before. */
interface NewKeyFile {
  readonly path: string;
  /** Secret. */
  readonly pem: string;
}

/** Where new keys come from. */
export interface KeyMaker {
  workloadOwnerKey(): Promise<string>;
  seedshareOwnerKey(): Promise<string>;
}

const MAX_KEY_FILE_BYTES = 1024 * 1024;

const PLATFORM_KEYS: KeyMaker = {
  workloadOwnerKey: generateWorkloadOwnerKey,
  seedshareOwnerKey: generateSeedshareOwnerKey,
};

/**
 * Reads the owner keys. A key is made when exactly one path is named and nothing exists there; nothing is written yet,
 * so that a later failure leaves no file behind.
 *
 * @throws ContrastError `lib/file-unreadable`, `lib/file-too-large`, `lib/text-not-utf8`, `pki/pem-missing`,
 *   `pki/pem-invalid`, `manifest/key-file-invalid`
 * @see edgelesssys/contrast `internal/manifest/crypto.go`
 */
export async function loadOwnerKeys(paths: OwnerKeyPaths, maker: KeyMaker = PLATFORM_KEYS): Promise<OwnerKeys> {
  const workloadPaths = paths.disableUpdates ? [] : paths.workload;
  const workload = await loadKeys(workloadPaths, "workload owner key", () => maker.workloadOwnerKey());
  const seedshare = await loadKeys(paths.seedshare, "seed share owner key", () => maker.seedshareOwnerKey());
  return {
    workloadDigests: workload.map(({ pem, what }) => workloadOwnerKeyDigest(pem, what)),
    seedshareKeys: seedshare.map(({ pem, what }) => seedshareOwnerPublicKey(pem, what)),
    newFiles: [...workload, ...seedshare].filter(({ isNew }) => isNew).map(({ path, pem }) => ({ path, pem })),
  };
}

interface LoadedKey extends NewKeyFile {
  readonly what: string;
  readonly isNew: boolean;
}

async function loadKeys(paths: readonly string[], role: string, make: () => Promise<string>): Promise<LoadedKey[]> {
  const keys: LoadedKey[] = [];
  for (const path of paths) {
    const isNew = paths.length === 1 && !(await exists(path));
    const pem = isNew ? await make() : await readText(path, role, MAX_KEY_FILE_BYTES);
    keys.push({ path, pem, what: `${role} "${path}"`, isNew });
  }
  return keys;
}
