import { constants } from "node:fs";
import { mkdir, open, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { joinBytes } from "../../lib/byte-stream.ts";
import { ContrastError } from "../../lib/errors.ts";

/** Files of an entry that are read or written. */
export type TsmAttribute = "generation" | "provider" | "privlevel" | "inblob" | "auxblob" | "outblob";

/**
 * The kernel's directory of attestation reports. Whatever fails is thrown as the file system throws it, with the
 * kernel's name of the error as `code`.
 *
 * @see Linux Documentation/ABI/testing/configfs-tsm
 */
export interface TsmDirectory {
  readonly path: string;
  makeEntry(name: string): Promise<void>;
  removeEntry(name: string): Promise<void>;
  /**
   * Reads an attribute to its end.
   *
   * @throws ContrastError `issuer/report-malformed` for more than `maxBytes`
   */
  read(name: string, attribute: TsmAttribute, maxBytes: number): Promise<Uint8Array>;
  /** Writes all bytes in one call; the kernel takes them when the file is closed. */
  write(name: string, attribute: TsmAttribute, bytes: Uint8Array): Promise<void>;
}

/** Where configfs has the reports. */
const TSM_PATH = "/sys/kernel/config/tsm/report";

const CHUNK_BYTES = 4096;

/** The directory of the running kernel. */
export function kernelTsmDirectory(path = TSM_PATH): TsmDirectory {
  return {
    path,
    makeEntry: async (name) => {
      await mkdir(join(path, name));
    },
    removeEntry: async (name) => {
      await rmdir(join(path, name));
    },
    read: (name, attribute, maxBytes) => readAttribute(join(path, name, attribute), attribute, maxBytes),
    write: (name, attribute, bytes) => writeAttribute(join(path, name, attribute), attribute, bytes),
  };
}

/** Reads in pieces, because such files say nothing about their size, or something wrong. */
async function readAttribute(path: string, attribute: TsmAttribute, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const pieces: Uint8Array[] = [];
    for (let total = 0; total <= maxBytes;) {
      const piece = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await handle.read(piece, 0, piece.length);
      if (bytesRead === 0) return joinBytes(pieces);
      pieces.push(piece.subarray(0, bytesRead));
      total += bytesRead;
    }
  } finally {
    await handle.close();
  }
  throw new ContrastError("issuer/report-malformed", `Cannot read "${attribute}": more than ${maxBytes} bytes`);
}

/** Opens for writing only: configfs refuses to open such a file for reading too, whoever asks. */
async function writeAttribute(path: string, attribute: TsmAttribute, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, constants.O_WRONLY);
  try {
    const { bytesWritten } = await handle.write(bytes);
    if (bytesWritten === bytes.length) return;
    const fact = `the kernel took ${bytesWritten} of ${bytes.length} bytes`;
    throw new ContrastError("issuer/request-refused", `Cannot write "${attribute}": ${fact}`);
  } finally {
    await handle.close();
  }
}
