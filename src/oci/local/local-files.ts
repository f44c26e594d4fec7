import { join } from "node:path";
import { type ByteStream, collectBytes } from "../../lib/byte-stream.ts";
import { ContrastError } from "../../lib/errors.ts";
import { fileSize, readFileRange } from "../../lib/file-range.ts";
import { normalisePath, parentOf } from "../archive-path.ts";
import { type TarEntry, readTar } from "../tar-reader.ts";

/** Files of a directory or of a tar archive, by path with forward slashes. */
export interface LocalFiles {
  /** The directory or archive, as the user named it. */
  readonly path: string;
  /** Where a file lies; undefined if there is none. */
  find(name: string): Promise<FileRange | undefined>;
}

/** A part of a file on disk. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

const MAX_LINKS = 8;

/** Files of a directory. */
export function directoryFiles(directory: string): LocalFiles {
  return {
    path: directory,
    find: async (name) => {
      const path = join(directory, ...normalisePath(name).split("/"));
      const sizeBytes = await fileSize(path);
      return sizeBytes === undefined ? undefined : { path, offset: 0, sizeBytes };
    },
  };
}

/**
 * Files of an uncompressed tar archive, which is read once to learn where they lie. Links inside of the archive are
 * followed.
 *
 * @throws ContrastError `oci/archive-invalid` for a damaged archive or two files of the same name
 */
export async function archiveFiles(path: string, sizeBytes: number): Promise<LocalFiles> {
  const refuse = (fact: string): ContrastError =>
    new ContrastError("oci/archive-invalid", `Cannot read image archive "${path}": ${fact}`, { details: { path } });
  const entries = new Map<string, TarEntry>();
  await readTar(readFileRange(path, 0, sizeBytes), {
    wants: () => false,
    refuse,
    entry: (entry) => {
      const name = normalisePath(entry.path);
      if (entry.type === "file" && entries.get(name)?.type === "file") throw refuse(`it has two files "${name}"`);
      entries.set(name, entry);
    },
  });
  return {
    path,
    find: async (name) => {
      let target = normalisePath(name);
      for (let links = 0; links <= MAX_LINKS; links++) {
        const entry = entries.get(target);
        if (entry?.type === "file") return { path, offset: entry.offset, sizeBytes: entry.sizeBytes };
        if (entry?.type === "symlink") target = normalisePath(entry.linkTarget, parentOf(target));
        else if (entry?.type === "hardlink") target = normalisePath(entry.linkTarget);
        else return undefined;
      }
      throw refuse(`"${name}" leads through more than ${MAX_LINKS} links`);
    },
  };
}

/**
 * Reads a whole small file.
 *
 * @throws ContrastError `oci/archive-invalid` where it is missing or larger than `maxBytes`
 */
export async function readLocalFile(files: LocalFiles, name: string, maxBytes: number): Promise<Uint8Array> {
  const range = await findLocalFile(files, name);
  const tooLarge = (): ContrastError =>
    new ContrastError("oci/archive-invalid", `Cannot read "${name}" in "${files.path}": larger than ${maxBytes} bytes`);
  if (range.sizeBytes > maxBytes) throw tooLarge();
  return await collectBytes(streamRange(range), maxBytes, tooLarge);
}

/** Finds a file that must be there. */
export async function findLocalFile(files: LocalFiles, name: string): Promise<FileRange> {
  const range = await files.find(name);
  if (range !== undefined) return range;
  throw new ContrastError("oci/archive-invalid", `Cannot read "${name}" in "${files.path}": it is not there`, {
    details: { path: files.path, name },
  });
}

/** Content of a part of a file. */
export function streamRange({ path, offset, sizeBytes }: FileRange): ByteStream {
  return readFileRange(path, offset, sizeBytes);
}
