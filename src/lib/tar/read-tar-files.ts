import { ContrastError } from "../errors.ts";
import { visibleText } from "../visible-text.ts";
import { TAR_BLOCK_BYTES, type TarHeader, isZeroBlock, parseTarHeader } from "./tar-header.ts";

/** Bounds for an archive that somebody else wrote. */
export interface TarLimits {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
}

/**
 * Reads an uncompressed archive of small files that is held in memory. Only regular files and directories are taken,
 * with relative names that need no normalisation, each once; padding must be zero and two zero blocks end it.
 *
 * @param archive not retained; contents are views of it
 * @param what named in messages, such as `collateral bundle "bundle.tar"`
 * @returns contents by path, in the order of the archive
 * @throws ContrastError `lib/tar-invalid`
 */
export function readTarFiles(archive: Uint8Array, what: string, limits: TarLimits): ReadonlyMap<string, Uint8Array> {
  const refuse = (fact: string): ContrastError => new ContrastError("lib/tar-invalid", `Cannot read ${what}: ${fact}`);
  const files = new Map<string, Uint8Array>();
  const directories = new Set<string>();
  let offset = 0;
  const take = (length: number): Uint8Array => {
    if (length > archive.length - offset) throw refuse("it ends in the middle of an entry");
    const bytes = archive.subarray(offset, offset + length);
    offset += length;
    return bytes;
  };
  for (let block = take(TAR_BLOCK_BYTES); !isZeroBlock(block); block = take(TAR_BLOCK_BYTES)) {
    const header = parseTarHeader(block, refuse);
    const { path, isDirectory } = checkedName(header, refuse);
    if (files.has(path) || directories.has(path)) throw refuse(`"${path}" is there twice`);
    if (files.size + directories.size >= limits.maxFiles) throw refuse(`it has more than ${limits.maxFiles} entries`);
    const { sizeBytes } = header;
    if (isDirectory) {
      if (sizeBytes > 0) throw refuse(`directory "${path}" has content`);
      directories.add(path);
      continue;
    }
    if (sizeBytes > limits.maxFileBytes) {
      throw refuse(`"${path}" has ${sizeBytes} bytes, limit ${limits.maxFileBytes}`);
    }
    files.set(path, take(sizeBytes));
    if (!isZero(take((TAR_BLOCK_BYTES - (sizeBytes % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES))) {
      throw refuse(`the padding behind "${path}" is not zero`);
    }
  }
  if (!isZeroBlock(take(TAR_BLOCK_BYTES))) throw refuse("data follows a single zero block");
  // Other programs fill up the last record of the archive with zeros.
  if (!isZero(archive.subarray(offset))) throw refuse("data follows the end of the archive");
  return files;
}

/** A name that means the same on every system and stays below the directory that it is unpacked in. */
function checkedName(
  header: TarHeader,
  refuse: (fact: string) => Error,
): { readonly path: string; readonly isDirectory: boolean } {
  const shown = `"${visibleText(header.path)}"`;
  if (header.typeFlag !== "0" && header.typeFlag !== "5") {
    throw refuse(`${shown} is neither a regular file nor a directory`);
  }
  const path = header.path.replace(/^\.\//, "").replace(/\/$/, "");
  const isDirectory = header.typeFlag === "5";
  if (isDirectory && (path === "" || path === ".")) return { path: ".", isDirectory };
  if (!isDirectory && header.path.endsWith("/")) throw refuse(`${shown} is a file with the name of a directory`);
  const isPlain = /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/.test(path);
  if (!isPlain || path.split("/").some((part) => part === "." || part === "..")) {
    throw refuse(`${shown} is not a plain relative name`);
  }
  return { path, isDirectory };
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
