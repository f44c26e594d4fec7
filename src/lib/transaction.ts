import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, mkdir, rename, rmdir, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ContrastError, messageOf } from "./errors.ts";
import { fileDigest } from "./file-digest.ts";
import type { FileWriter, PlannedFile } from "./file-writer.ts";
import { exists, type FileContent, stageFile, type StagedFile } from "./files.ts";
import { randomHex } from "./random.ts";

/**
 * Writes several files, all or none: every file is complete on disk under a temporary name before the first one becomes
 * visible, and when one cannot be made visible, those that already were are put back.
 *
 * A crash of the machine between two renames can leave some files new and some old, but never a file that is cut.
 */
export class Transaction implements FileWriter {
  readonly #staged: StagedFile[] = [];
  /** Absolute paths of the staged files' targets. */
  readonly #targets = new Set<string>();
  readonly #digests = new Map<string, string>();
  /** Those that must not exist yet. */
  readonly #exclusive = new Set<StagedFile>();
  /** New directories, deepest first. */
  readonly #directories: string[] = [];

  /** Paths of the files that `commit` would write, in order. */
  get paths(): readonly string[] {
    return this.#staged.map(({ path }) => path);
  }

  /** SHA-256 of what each staged file will hold, 64 lower-case hexadecimal digits, by the path it was staged under. */
  get digests(): ReadonlyMap<string, string> {
    return this.#digests;
  }

  /**
   * Writes a file under a temporary name.
   *
   * @throws ContrastError `lib/file-unwritable`, and whatever producing the content throws
   */
  async stage(file: PlannedFile): Promise<void> {
    const { path, content, mode, ifExists = "replace", ifChanged = false } = file;
    if (ifExists === "keep" && (await exists(path))) return;
    const exclusive = ifExists !== "replace";
    const hash = createHash("sha256");
    const present = ifChanged ? await fileDigest(path) : null;
    const staged = await stageFile(path, hashed(content, hash), { mode, exclusive });
    const digest = hash.digest("hex");
    if (digest === present) return await staged.discard();
    this.#staged.push(staged);
    const target = resolve(staged.target);
    if (this.#targets.has(target)) {
      throw new ContrastError("lib/file-unwritable", `Cannot write "${path}": two results would go to this file`, {
        hint: "Name another file for one of them.",
        details: { path },
      });
    }
    this.#targets.add(target);
    this.#digests.set(path, digest);
    if (exclusive) this.#exclusive.add(staged);
  }

  /**
   * Makes a directory with its parents, for files that are staged next.
   *
   * @throws ContrastError `lib/file-unwritable`
   */
  async makeDirectory(path: string): Promise<void> {
    try {
      const first = await mkdir(path, { recursive: true, mode: 0o755 });
      if (first === undefined) return;
      const target = resolve(path);
      for (let made = target; made !== dirname(resolve(first)); made = dirname(made)) this.#directories.push(made);
    } catch (error) {
      throw new ContrastError("lib/file-unwritable", `Cannot make directory "${path}": ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Takes the last staged file back. */
  async unstage(): Promise<void> {
    const last = this.#staged.pop();
    if (last === undefined) return;
    this.#exclusive.delete(last);
    this.#targets.delete(resolve(last.target));
    this.#digests.delete(last.path);
    await last.discard();
  }

  /**
   * Makes all staged files visible.
   *
   * @throws ContrastError `lib/file-unwritable`; the files are then as they were
   */
  async commit(): Promise<void> {
    // New files first: of two runs at once, the second one fails there, before it has replaced what the first one wrote.
    const others = this.#staged.filter((file) => !this.#exclusive.has(file));
    await commitTogether([...this.#exclusive, ...others]);
  }

  /** Removes what is staged, and new directories that are empty; to be called however the command ends. */
  async discard(): Promise<void> {
    await Promise.all(this.#staged.map((file) => file.discard()));
    for (const path of this.#directories) await rmdir(path).catch(() => {});
  }
}

/** The same content, hashed on its way to the disk. */
async function* hashed(content: FileContent, hash: Hash): AsyncGenerator<string | Uint8Array> {
  const chunks = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

async function commitTogether(staged: readonly StagedFile[]): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  const cleanup: (() => Promise<void>)[] = [];
  try {
    for (const file of staged) {
      const backup = await keepBackup(file.target);
      if (backup !== undefined) cleanup.push(() => unlink(backup).catch(() => {}));
      await file.commit();
      undo.unshift(() => (backup === undefined ? unlink(file.target) : rename(backup, file.target)));
    }
  } catch (error) {
    for (const restore of undo) {
      await restore().catch((failure: unknown) => {
        const message = `Cannot restore files after a failed write: ${messageOf(failure)}`;
        const hint = "Restore the files from version control.";
        throw new ContrastError("lib/file-unwritable", message, { cause: error, hint });
      });
    }
    throw error;
  } finally {
    for (const remove of cleanup) await remove();
  }
}

/** A second name for the present content of a file, or a copy of it; undefined when there is no file. */
async function keepBackup(path: string): Promise<string | undefined> {
  if (!(await exists(path))) return undefined;
  const backup = join(dirname(path), `.${basename(path)}.${randomHex(6)}.bak`);
  try {
    await link(path, backup).catch(() => copyFile(path, backup, constants.COPYFILE_EXCL));
    return backup;
  } catch (error) {
    throw new ContrastError("lib/file-unwritable", `Cannot keep a copy of "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}
