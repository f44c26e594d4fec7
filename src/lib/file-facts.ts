import { readdir, realpath, stat } from "node:fs/promises";

/** What a file system says about a file. */
export interface FileFacts {
  /** Permission bits, such as 0o600. */
  readonly mode: number;
  readonly modifiedAt: Date;
  readonly isDirectory: boolean;
}

/** Facts about a file, symbolic links followed; undefined where there is none. */
export async function fileFacts(path: string): Promise<FileFacts | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return { mode: found.mode & 0o7777, modifiedAt: found.mtime, isDirectory: found.isDirectory() };
}

/** Names in a directory in order; none where it is missing or cannot be read. */
export async function namesIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((): string[] => []);
  return names.toSorted();
}

/** Whether a path leads to a pipe that lies in a file system, where nobody may ever write to it. */
export async function isNamedPipe(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFIFO() !== true) return false;
  // What a shell names /dev/fd/63 leads to no file.
  return await realpath(path).then(
    () => true,
    () => false,
  );
}
