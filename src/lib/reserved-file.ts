import { constants } from "node:fs";
import {
  copyFile,
  type FileHandle,
  link,
  lstat,
  open,
  readFile,
  realpath,
  rename,
  stat,
  unlink,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ContrastError, messageOf } from "./errors.ts";
import { randomHex } from "./random.ts";

/**
 * A file that exists under a temporary name before its content is known, with room on the disk. For an answer that
 * comes only once: what could fail about writing it fails before the question is asked.
 */
export interface ReservedFile {
  /** As the caller named it. */
  readonly path: string;
  /** Where the content is until `commit`. */
  readonly temporaryPath: string;
  /**
   * Writes the content and flushes it to disk.
   *
   * @throws ContrastError `lib/file-unwritable`
   */
  fill(content: Uint8Array): Promise<void>;
  /**
   * Gives the file its name. A file of that name with other content keeps living as `.bak`, `.bak.1` and so on.
   *
   * @returns the path of the older file, if there was one with other content
   * @throws ContrastError `lib/file-unwritable`; the content then stays under `temporaryPath`
   */
  commit(): Promise<string | undefined>;
  /** Closes the file and removes its temporary name; harmless after `commit`. */
  discard(): Promise<void>;
}

const ROOM_CHUNK_BYTES = 64 * 1024;
const MAX_BACKUPS = 1000;

/**
 * Makes such a file next to its target.
 *
 * @param sizeBytes room that is taken at once
 * @param mode permission bits, before umask
 * @throws ContrastError `lib/file-unwritable`
 */
export async function reserveFile(path: string, sizeBytes: number, mode: number): Promise<ReservedFile> {
  // Only a link is followed, so that the caller is told names in the form of its own.
  const isLink = (await lstat(path).catch(() => undefined))?.isSymbolicLink() ?? false;
  const target = isLink ? await realpath(path).catch(() => path) : path;
  const temporaryPath = join(dirname(target), `.${basename(target)}.${randomHex(6)}.tmp`);
  let handle: FileHandle | undefined;
  try {
    const existing = await stat(target).catch(() => undefined);
    if (existing !== undefined && !existing.isFile()) throw new Error("not a regular file");
    handle = await open(temporaryPath, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, mode);
    const room = new Uint8Array(ROOM_CHUNK_BYTES);
    for (let written = 0; written < sizeBytes; written += room.length) await handle.writeFile(room);
    await handle.sync();
  } catch (error) {
    await handle?.close();
    if (handle !== undefined) await unlink(temporaryPath).catch(() => {});
    throw unwritable(path, error);
  }
  return new OpenReservedFile(path, target, temporaryPath, handle);
}

class OpenReservedFile implements ReservedFile {
  readonly path: string;
  readonly temporaryPath: string;
  readonly #target: string;
  readonly #handle: FileHandle;
  #isOpen = true;
  #isTemporary = true;

  constructor(path: string, target: string, temporaryPath: string, handle: FileHandle) {
    this.path = path;
    this.temporaryPath = temporaryPath;
    this.#target = target;
    this.#handle = handle;
  }

  async fill(content: Uint8Array): Promise<void> {
    try {
      for (let offset = 0; offset < content.length;) {
        const { bytesWritten } = await this.#handle.write(content, offset, content.length - offset, offset);
        offset += bytesWritten;
      }
      await this.#handle.truncate(content.length);
      await this.#handle.sync();
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  async commit(): Promise<string | undefined> {
    try {
      await this.#close();
      if (await haveSameContent(this.temporaryPath, this.#target)) {
        await this.discard();
        return undefined;
      }
      const backup = await keepAside(this.#target);
      await rename(this.temporaryPath, this.#target);
      this.#isTemporary = false;
      await syncDirectory(dirname(this.#target));
      return backup;
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  async discard(): Promise<void> {
    await this.#close().catch(() => {});
    if (this.#isTemporary) await unlink(this.temporaryPath).catch(() => {});
    this.#isTemporary = false;
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#handle.close();
  }
}

async function haveSameContent(left: string, right: string): Promise<boolean> {
  const [one, other] = await Promise.all([left, right].map((path) => readFile(path).catch(() => undefined)));
  return one !== undefined && other !== undefined && one.equals(other);
}

/** Gives the present file a further name that nothing has yet. */
async function keepAside(target: string): Promise<string | undefined> {
  if ((await stat(target).catch(() => undefined)) === undefined) return undefined;
  for (let count = 0; count < MAX_BACKUPS; count++) {
    const name = count === 0 ? `${target}.bak` : `${target}.bak.${count}`;
    try {
      // Some file systems have no hard links.
      await link(target, name).catch(() => copyFile(target, name, constants.COPYFILE_EXCL));
      return name;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
  throw new Error(`more than ${MAX_BACKUPS} older files beside it`);
}

/** So that the new name outlives a crash; not every file system can. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY).catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close().catch(() => {});
}

function unwritable(path: string, error: unknown): ContrastError {
  return new ContrastError("lib/file-unwritable", `Cannot write "${path}": ${messageOf(error)}`, {
    cause: error,
    hint: "Check the free space and the permissions of the directory; the file is unchanged.",
    details: { path },
  });
}
