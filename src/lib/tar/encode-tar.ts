import { joinBytes } from "../byte-stream.ts";
import { ContrastError } from "../errors.ts";
import { TAR_BLOCK_BYTES, headerChecksum } from "./tar-header.ts";

/** One regular file of an archive. */
export interface TarFile {
  /** Relative, parts joined by `/`. */
  readonly path: string;
  readonly content: Uint8Array;
}

const MAX_NAME_BYTES = 100;
const MAX_PREFIX_BYTES = 155;

/**
 * Writes an uncompressed ustar archive of regular files. The same files in the same order give the same bytes: mode
 * 0644, owner 0, time 0, nothing behind the two zero blocks. Sizes have eleven octal digits, which is more than the
 * platform allows an array of bytes to have.
 *
 * @throws ContrastError `lib/tar-invalid` for a path that ustar cannot hold
 * @see POSIX.1-2017 pax, "ustar Interchange Format"
 */
export function encodeTar(files: readonly TarFile[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const { path, content } of files) {
    pieces.push(encodeHeader(path, content.length), content);
    const rest = content.length % TAR_BLOCK_BYTES;
    if (rest > 0) pieces.push(new Uint8Array(TAR_BLOCK_BYTES - rest));
  }
  pieces.push(new Uint8Array(2 * TAR_BLOCK_BYTES));
  return joinBytes(pieces);
}

function encodeHeader(path: string, sizeBytes: number): Uint8Array {
  const { prefix, name } = splitPath(path);
  const block = new Uint8Array(TAR_BLOCK_BYTES);
  const put = (offset: number, text: string): void => block.set(new TextEncoder().encode(text), offset);
  put(0, name);
  put(100, "0000644\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, `${octal(sizeBytes, 11)}\0`);
  put(136, `${octal(0, 11)}\0`);
  put(156, "0");
  put(257, "ustar\u000000");
  put(345, prefix);
  put(148, `${octal(headerChecksum(block), 6)}\0 `);
  return block;
}

/** Long paths are split at the first slash that leaves a name that fits. */
function splitPath(path: string): { readonly prefix: string; readonly name: string } {
  const length = (text: string): number => new TextEncoder().encode(text).length;
  if (path === "" || path.includes("\0")) throw cannotWrite(path, "not a name");
  if (length(path) <= MAX_NAME_BYTES) return { prefix: "", name: path };
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
    const prefix = path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (name !== "" && length(name) <= MAX_NAME_BYTES && length(prefix) <= MAX_PREFIX_BYTES) return { prefix, name };
  }
  throw cannotWrite(path, "the name is too long");
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function cannotWrite(path: string, fact: string): ContrastError {
  return new ContrastError("lib/tar-invalid", `Cannot put "${path}" into a tar archive: ${fact}`, {
    details: { path },
  });
}
