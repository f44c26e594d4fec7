import { constants } from "node:fs";
import { link, lstat, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { isDiskError, notRegular, tooLarge, unreadable, unwritable } from "./disk-error.ts";

/**
 * The operations of a store that must survive a crash at any point, each no more than one step of the file system
 * (`createExclusive`: three). What is written becomes durable with `createExclusive`, names become durable with
 * `syncDirectory`. Symbolic links are never followed in the last part of a path.
 */
export interface Disk {
  /**
   * The whole content of a regular file; undefined when there is none.
   *
   * @throws ContrastError `lib/file-not-regular`, `lib/file-too-large`, `lib/file-unreadable`
   */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /**
   * Makes a directory of mode 0755; false when it was there already.
   *
   * @throws ContrastError `lib/file-not-regular` when something else is there, `lib/file-unwritable`
   */
  makeDirectory(path: string): Promise<boolean>;
  /**
   * Makes a file that must not exist yet, with content that is durable; on failure nothing is left.
   *
   * @param mode whatever the umask is; 0644 unless given
   * @throws ContrastError `lib/file-unwritable`
   */
  createExclusive(path: string, bytes: Uint8Array, mode?: number): Promise<void>;
  /**
   * Gives a file a second name; false when that name is taken. Of several at once, one wins.
   *
   * @throws ContrastError `lib/file-unwritable`
   */
  link(from: string, to: string): Promise<boolean>;
  /** Replaces what is there. @throws ContrastError `lib/file-unwritable` */
  rename(from: string, to: string): Promise<void>;
  /** @throws ContrastError `lib/file-unwritable` */
  unlink(path: string): Promise<void>;
  /** Makes the names in a directory durable. @throws ContrastError `lib/file-unwritable` */
  syncDirectory(path: string): Promise<void>;
  /**
   * Names in a directory; undefined when there is none.
   *
   * @throws ContrastError `lib/file-not-regular` when something else is there, `lib/file-unreadable`
   */
  list(path: string): Promise<readonly string[] | undefined>;
  /** How long ago something was last written, in ms by the clock of this computer; undefined when it is not there. */
  age(path: string): Promise<number | undefined>;
}

const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;
/** Without O_NONBLOCK, opening a pipe would wait for somebody to write into it. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The file system of this computer. */
export const nodeDisk: Disk = {
  read: async (path, maxBytes) => {
    try {
      return await readRegular(path, maxBytes);
    } catch (error) {
      if (isDiskError(error, "ENOENT")) return undefined;
      if (isDiskError(error, "ELOOP")) throw notRegular(path, "it is a symbolic link", error);
      throw unreadable(path, error);
    }
  },
  makeDirectory: (path) => writing(path, () => makeDirectory(path)),
  createExclusive: (path, bytes, mode = FILE_MODE) => writing(path, () => createExclusive(path, bytes, mode)),
  link: (from, to) =>
    writing(to, async () => {
      try {
        await link(from, to);
        return true;
      } catch (error) {
        if (isDiskError(error, "EEXIST")) return false;
        throw error;
      }
    }),
  rename: (from, to) => writing(to, () => rename(from, to)),
  unlink: (path) => writing(path, () => unlink(path)),
  syncDirectory: (path) =>
    writing(path, async () => {
      const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    }),
  list: async (path) => {
    try {
      if (!(await lstat(path)).isDirectory()) throw notRegular(path, "it is not a directory");
      return await readdir(path);
    } catch (error) {
      if (isDiskError(error, "ENOENT")) return undefined;
      throw unreadable(path, error);
    }
  },
  age: async (path) => {
    const found = await lstat(path).catch(() => undefined);
    return found === undefined ? undefined : new Date().getTime() - found.mtimeMs;
  },
};

async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function readRegular(path: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(path, READ_FLAGS);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw notRegular(path, found.isDirectory() ? "it is a directory" : "it is a device or pipe");
    if (found.size > maxBytes) throw tooLarge(path, found.size, maxBytes);
    // One byte more than there should be: whoever appends meanwhile is noticed.
    const bytes = new Uint8Array(found.size + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > found.size) throw unreadable(path, new Error("it grew while it was read"));
    return bytes.slice(0, length);
  } finally {
    await handle.close();
  }
}

async function makeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: DIRECTORY_MODE });
  } catch (error) {
    if (!isDiskError(error, "EEXIST")) throw error;
    const found = await lstat(path);
    if (!found.isDirectory()) throw notRegular(path, "it is not a directory", error);
    return false;
  }
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    // Whatever the umask of the process is: the store of one Coordinator is read by the next one.
    await handle.chmod(DIRECTORY_MODE);
  } finally {
    await handle.close();
  }
  return true;
}

async function createExclusive(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const handle = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, mode);
  try {
    await handle.chmod(mode);
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    await unlink(path).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
}
