import { join } from "node:path";
import { ContrastError, inContext } from "../lib/errors.ts";
import { type ReservedFile, reserveFile } from "../lib/reserved-file.ts";
import { Transaction } from "../lib/transaction.ts";
import type { SeedShareDocument } from "../rpc/coordinator-session.ts";
import { checkCaPem } from "./ca-certificate.ts";
import { encodeSeedShares } from "./seed-share-file.ts";

/** File of the certificate that workloads trust across manifests. */
export const ROOT_CA_FILE = "coordinator-root-ca.pem";
/** File of the certificate that workloads trust until the next manifest. */
export const MESH_CA_FILE = "mesh-ca.pem";
const SEED_SHARES_FILE = "seed-shares.json";

/** About what one share takes, for keys of up to 8192 bits, and a certificate. */
const SHARE_BYTES = 4096;
const CERTIFICATE_BYTES = 8192;

/** Where the seed shares are. */
export interface StoredShares {
  readonly path: string;
  /** Where other seed shares are that were there before. */
  readonly backupPath: string | undefined;
}

/**
 * The files of `set`. The answer to the first manifest holds seed shares that no second call returns; without them the
 * Coordinator can never be recovered. So everything that can fail about writing them is tried before the call.
 */
export class SetFiles {
  readonly #transaction: Transaction;
  readonly #directory: string;
  readonly #shares: ReservedFile;
  /** Whether the temporary file is the only place that has the seed shares. */
  #isKept = false;

  private constructor(directory: string, shares: ReservedFile, transaction: Transaction) {
    this.#directory = directory;
    this.#shares = shares;
    this.#transaction = transaction;
  }

  /**
   * Makes the directory and takes room for the seed shares.
   *
   * @param directory empty for the current one
   * @param owners number of seed share owners
   * @param reserve makes room for the seed shares
   * @throws ContrastError `lib/file-unwritable`; nothing was changed
   */
  static async prepare(directory: string, owners: number, reserve = reserveFile): Promise<SetFiles> {
    const transaction = new Transaction();
    try {
      if (directory !== "") await transaction.makeDirectory(directory);
      for (const name of [ROOT_CA_FILE, MESH_CA_FILE]) {
        const probe = await reserveFile(join(directory, name), CERTIFICATE_BYTES, 0o600);
        await probe.discard();
      }
      const path = join(directory, SEED_SHARES_FILE);
      return new SetFiles(directory, await reserve(path, SHARE_BYTES * (owners + 1), 0o600), transaction);
    } catch (error) {
      await transaction.discard();
      throw error;
    }
  }

  /** Where seed shares belong. */
  get sharesPath(): string {
    return this.#shares.path;
  }

  /**
   * Writes the seed shares. Other seed shares that are there already are kept beside them.
   *
   * @throws ContrastError `client/seed-shares-unsaved`, which tells where the shares are, or tells the shares
   *   themselves: they are encrypted for their owners
   */
  async storeShares(document: SeedShareDocument): Promise<StoredShares> {
    const text = encodeSeedShares(document);
    const { path, temporaryPath } = this.#shares;
    try {
      await this.#shares.fill(new TextEncoder().encode(text));
    } catch (error) {
      throw new ContrastError("client/seed-shares-unsaved", `The manifest is set, but "${path}" cannot be written`, {
        cause: error,
        hint: `Save the lines above as ${SEED_SHARES_FILE} now: the Coordinator does not return them again, and cannot be recovered without them.`,
        report: { lines: text.split("\n"), json: { seedShares: text } },
      });
    }
    try {
      return { path, backupPath: await this.#shares.commit() };
    } catch (error) {
      this.#isKept = true;
      throw new ContrastError("client/seed-shares-unsaved", `The manifest is set, but "${path}" cannot be written`, {
        cause: error,
        hint: `The seed shares are complete in "${temporaryPath}"; move them to a safe place now: the Coordinator does not return them again.`,
        details: { path: temporaryPath },
      });
    }
  }

  /**
   * Writes both CA certificates, or none.
   *
   * @returns their paths
   * @throws ContrastError `client/ca-invalid`, `client/ca-unsaved`
   */
  async storeCertificates(rootCaPem: Uint8Array, meshCaPem: Uint8Array): Promise<readonly string[]> {
    try {
      checkCaPem(rootCaPem, "root CA");
      checkCaPem(meshCaPem, "mesh CA");
    } catch (error) {
      throw inContext(error, "The manifest is set, but its answer cannot be used", "client/ca-invalid");
    }
    try {
      await this.#transaction.stage({ path: join(this.#directory, ROOT_CA_FILE), content: rootCaPem });
      await this.#transaction.stage({ path: join(this.#directory, MESH_CA_FILE), content: meshCaPem });
      await this.#transaction.commit();
    } catch (error) {
      throw new ContrastError("client/ca-unsaved", "The manifest is set, but the CA certificates cannot be written", {
        cause: inContext(error, "Cannot write files", "lib/file-unwritable"),
        hint: 'Run "contrast verify", which writes them too.',
      });
    }
    return this.#transaction.paths;
  }

  /** Removes what is left under temporary names, except seed shares that could not get their name. */
  async discard(): Promise<void> {
    // New directories can only be taken away when they are empty.
    if (!this.#isKept) await this.#shares.discard();
    await this.#transaction.discard();
  }
}
