import { constants, readFileSync, statSync } from "node:fs";
import { access, copyFile, link, lstat, open, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { joinBytes } from "./byte-stream.ts";
import { ContrastError, messageOf } from "./errors.ts";
import { openInput } from "./open-input.ts";
import { randomHex } from "./random.ts";

/** Largest text file that is read whole. */
const MAX_TEXT_FILE_BYTES = 256 * 1024 * 1024;

/** Up to here a file is read before a thread could start to read it. */
const SMALL_FILE_BYTES = 256 * 1024;

/** What is read at once of something that does not say how long it is. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Reads a file whole. The limit holds for pipes and devices too, which name no size; a named pipe that
 * nobody writes to is an error.
 *
 * @param what named in messages, such as `manifest`
 * @throws ContrastError `lib/file-unreadable`, `lib/file-too-large`
 */
export async function readBytes(path: string, what: string, maxBytes = MAX_TEXT_FILE_BYTES): Promise<Uint8Array> {
  const tooLarge = (got: string): ContrastError =>
    new ContrastError("lib/file-too-large", `Cannot read ${what} "${path}": got ${got} bytes, limit ${maxBytes}`);
  try {
    const found = statSync(path);
    if (found.size > maxBytes) throw tooLarge(String(found.size));
    if (found.isFile() && found.size > 0 && found.size <= SMALL_FILE_BYTES) return readFileSync(path);
    if (found.isFile() && found.size > 0) return await readFile(path);
    const bytes = await readUpTo(path, what, maxBytes + 1);
    if (bytes.length > maxBytes) throw tooLarge(`more than ${maxBytes}`);
    return bytes;
  } catch (error) {
    if (error instanceof ContrastError) throw error;
    throw new ContrastError("lib/file-unreadable", `Cannot read ${what} "${path}": ${messageOf(error)}`, {
      cause: error,
      details: { path },
    });
  }
}

/** The bytes of a file, pipe or device up to its end, but no more than a number of them. */
async function readUpTo(path: string, what: string, maxBytes: number): Promise<Uint8Array> {
  const input = await openInput(path, what);
  try {
    const pieces: Uint8Array[] = [];
    for (let left = maxBytes; left > 0;) {
      const piece = new Uint8Array(Math.min(left, CHUNK_BYTES));
      const bytesRead = await input.read(piece);
      if (bytesRead === 0) break;
      pieces.push(piece.subarray(0, bytesRead));
      left -= bytesRead;
    }
    return joinBytes(pieces);
  } finally {
    await input.close();
  }
}

/**
 * Reads a UTF-8 text file whole; a byte-order mark is kept.
 *
 * @throws ContrastError `lib/file-unreadable`, `lib/file-too-large`, `lib/text-not-utf8`
 */
export async function readText(path: string, what: string, maxBytes = MAX_TEXT_FILE_BYTES): Promise<string> {
  return decodeUtf8(await readBytes(path, what, maxBytes), `${what} "${path}"`);
}

/**
 * Decodes UTF-8 and refuses anything else.
 *
 * @throws ContrastError `lib/text-not-utf8`
 */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new ContrastError("lib/text-not-utf8", `Cannot read ${what}: not valid UTF-8`, { cause: error });
  }
}

/** Whether anything exists under the path (a dangling symbolic link counts). */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether something can be written in a directory, or in the one that it is to be made in. */
export async function isWritableDirectory(path: string): Promise<boolean> {
  const place = (await exists(path)) ? path : dirname(path);
  return await access(place, constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** What stands under a path, symbolic links followed. */
export async function kindOfPath(path: string): Promise<"file" | "directory" | "other" | "nothing"> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return "nothing";
  if (found.isDirectory()) return "directory";
  return found.isFile() ? "file" : "other";
}

/** Chunks of a file in order; a generator lets large outputs be written without holding them. */
export type FileContent = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** How a staged file is made and becomes visible. */
export interface StageOptions {
  /** Permission bits of a new file, before umask; 0666 when absent. */
  readonly mode?: number | undefined;
  /** Fail instead of replacing a file that exists at the time of the commit. */
  readonly exclusive?: boolean | undefined;
}

/** A file that is completely on disk under a temporary name and becomes visible with `commit`. */
export interface StagedFile {
  /** As the caller named it. */
  readonly path: string;
  /** The file behind any symbolic links. */
  readonly target: string;
  /** Makes the content visible under the target's name. */
  commit(): Promise<void>;
  /** Removes the temporary file; harmless after `commit`. */
  discard(): Promise<void>;
}

/**
 * Writes the content next to its target under a temporary name and flushes it to disk, without touching the target.
 * Several staged files are committed only when all could be staged, so a full disk changes nothing.
 * An existing target must be a regular file and keeps its mode and, where possible, its owner; a symbolic link is
 * followed, so that the file behind it is replaced.
 *
 * @throws ContrastError `lib/file-unwritable`
 */
export async function stageFile(path: string, content: FileContent, options: StageOptions = {}): Promise<StagedFile> {
  const { mode = 0o666, exclusive = false } = options;
  const target = await followLink(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomHex(6)}.tmp`);
  try {
    await writeTemporary(temporary, target, content, mode);
  } catch (error) {
    await removeTemporary(temporary);
    throw unwritable(path, error);
  }
  return stagedFile(path, target, temporary, exclusive);
}

async function writeTemporary(temporary: string, target: string, content: FileContent, mode: number): Promise<void> {
  const existing = await stat(target).catch(() => undefined);
  // Renaming would replace a device or pipe itself, for everybody who uses it.
  if (existing !== undefined && !existing.isFile()) throw new Error("not a regular file");
  const handle = await open(temporary, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, mode);
  try {
    const chunks = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
    for await (const chunk of chunks) await handle.writeFile(chunk);
    if (existing !== undefined) {
      // Only root can keep the owner of somebody else's file.
      await handle.chown(existing.uid, existing.gid).catch(() => {});
      await handle.chmod(existing.mode & 0o7777);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeTemporary(temporary: string): Promise<void> {
  await unlink(temporary).catch(() => {});
}

/**
 * A function of its own, because closures made inside an async function keep all of its variables: the content of
 * every staged file would stay in memory.
 */
function stagedFile(path: string, target: string, temporary: string, exclusive: boolean): StagedFile {
  return {
    path,
    target,
    commit: async () => {
      try {
        if (exclusive) await linkNew(temporary, target);
        else await rename(temporary, target);
      } catch (error) {
        await removeTemporary(temporary);
        throw unwritable(path, error);
      }
    },
    discard: () => removeTemporary(temporary),
  };
}

/** Stages and commits one file. */
export async function writeFileAtomically(path: string, content: FileContent, options?: StageOptions): Promise<void> {
  const staged = await stageFile(path, content, options);
  await staged.commit();
}

/** Gives a finished file a second name that must not exist yet; file systems without hard links get a copy. */
async function linkNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (isNodeError(error, "EEXIST")) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
  await unlink(from);
}

function isNodeError(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

async function followLink(path: string): Promise<string> {
  return await realpath(path).catch(() => path);
}

function unwritable(path: string, error: unknown): ContrastError {
  if (error instanceof ContrastError) return error;
  return new ContrastError("lib/file-unwritable", `Cannot write "${path}": ${messageOf(error)}`, {
    cause: error,
    hint: isNodeError(error, "EEXIST")
      ? "Another program has just created the file; look at it and run the command again."
      : isNodeError(error, "ENOENT")
        ? "Make the directory first, or name a file in another one."
        : "Check the free space and the permissions of the directory; the file is unchanged.",
    details: { path },
  });
}
