import { constants } from "node:fs";
import { copyFile, link, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ContrastError, messageOf } from "./errors.ts";
import { exists, type FileContent, stageFile, type StagedFile } from "./files.ts";
import { randomHex } from "./random.ts";

/** A file that a command is going to write. */
export interface PlannedFile {
  readonly path: string;
  readonly content: FileContent;
  /** Permission bits of a new file, before umask; 0666 when absent. */
  readonly mode?: number | undefined;
  /** Leave a file that exists already as it is, whatever it contains. */
  readonly onlyIfAbsent?: boolean | undefined;
}

/**
 * Writes several files, all or none: every file is complete on disk under a temporary name before the first one becomes
 * visible, and when one cannot be made visible, those that already were are put back.
 *
 * A crash of the machine between two renames can leave some files new and some old, but never a file that is cut.
 *
 * @throws ContrastError `lib/file-unwritable`; the files are then as they were
 */
export async function writeTogether(files: readonly PlannedFile[]): Promise<void> {
  const staged: StagedFile[] = [];
  try {
    for (const file of files) {
      if (file.onlyIfAbsent === true && (await exists(file.path))) continue;
      staged.push(await stageFile(file.path, file.content, { mode: file.mode, exclusive: file.onlyIfAbsent }));
    }
    await commitTogether(staged);
  } finally {
    await Promise.all(staged.map((file) => file.discard()));
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
        throw new ContrastError(
          "lib/file-unwritable",
          `Cannot restore files after a failed write: ${messageOf(failure)}`,
          {
            cause: error,
            hint: "Restore the files from version control.",
          },
        );
      });
    }
    throw error;
  } finally {
    for (const remove of cleanup) await remove();
  }
}

/** A second name for the present content of a file; undefined when there is no file. */
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
