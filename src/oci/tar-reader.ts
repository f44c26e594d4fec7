import type { ByteStream } from "../lib/byte-stream.ts";
import { latin1Text, utf8OfLatin1 } from "../lib/latin1.ts";
import {
  TAR_BLOCK_BYTES,
  type TarHeader,
  parsePaxRecords,
  parseTarHeader,
  isZeroBlock,
} from "../lib/tar/tar-header.ts";

/** `sparse` files store only parts of their content; `other` stands for devices, pipes and unknown types. */
type TarEntryType = "file" | "directory" | "symlink" | "hardlink" | "sparse" | "other";

/** One member of a tar archive. */
export interface TarEntry {
  /** As stored, extended headers applied; not normalised. */
  readonly path: string;
  readonly type: TarEntryType;
  /** Empty unless a symlink or hardlink. */
  readonly linkTarget: string;
  readonly sizeBytes: number;
  /** Where the content starts, in bytes from the start of the archive. */
  readonly offset: number;
  readonly stored: StoredEntry;
}

/** The bytes behind an entry, for those who must see them as they are. */
export interface StoredEntry {
  /** The 512 bytes of the entry's own header, without the extended headers before it. */
  readonly header: Uint8Array;
  readonly headerOffset: number;
  /** Type flag of the header as a character; NUL is `0`. */
  readonly typeFlag: string;
  /** Long names applied, those of sparse files not; one character for each byte. */
  readonly path: string;
  /** Of links, long names applied; one character for each byte. */
  readonly linkTarget: string;
}

/** Receives an archive entry by entry. */
export interface TarVisitor {
  /** Decides whether the content of a file is handed to `content`; throws for one that is too large. */
  wants(entry: TarEntry): boolean;
  /** Called once for each entry, in order; `content` is undefined where it was not wanted. */
  entry(entry: TarEntry, content: Uint8Array | undefined): void;
  /** Makes the error for an archive that is damaged or says contradictory things. */
  refuse(fact: string): Error;
}

const MAX_ENTRIES = 4_000_000;
const MAX_EXTENDED_HEADER_BYTES = 1024 * 1024;
/** Eight times what Linux opens; the time for one entry depends on it. */
const MAX_PATH_BYTES = 32 * 1024;
const TYPES: Readonly<Record<string, TarEntryType>> = {
  "0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "5": "directory",
  S: "sparse",
};
/** Devices and pipes, which like links and directories have no content. */
const WITHOUT_CONTENT = new Set(["1", "2", "3", "4", "5", "6"]);

/**
 * Reads a tar archive strictly, so that it cannot be understood differently here and where the image is unpacked: two
 * zero blocks end it, extended headers must be well formed and may not contradict each other, links and directories
 * have no content. Bytes behind the end are read but not looked at.
 *
 * @see Go archive/tar, whose view decides in the container runtimes
 */
export async function readTar(stream: ByteStream, visitor: TarVisitor): Promise<void> {
  const reader = new TarReader(visitor);
  for await (const chunk of stream) reader.push(chunk);
  reader.finish();
}

/** Extended headers that wait for the entry that they describe. */
interface Pending {
  longPath?: string;
  longLink?: string;
  pax?: ReadonlyMap<string, string>;
}

/** Header of an entry and where it lies in the archive. */
interface HeaderBlock {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** Reads an archive that is handed over piece by piece; `readTar()` for those who hold it themselves. */
export class TarReader {
  readonly #visitor: TarVisitor;
  /** Bytes seen so far. */
  #position = 0;
  /** Bytes that are passed over before anything is gathered again. */
  #skip = 0;
  /** Of the bytes to be passed over, those that only fill up the last block of an entry. */
  #padding = 0;
  #gathered = new Uint8Array(TAR_BLOCK_BYTES);
  #filled = 0;
  #complete: (bytes: Uint8Array) => void;
  #atBoundary = true;
  #zeroBlocks = 0;
  #entries = 0;
  #pending: Pending = {};

  constructor(visitor: TarVisitor) {
    this.#visitor = visitor;
    this.#complete = (block) => this.#header(block);
  }

  push(chunk: Uint8Array): void {
    let offset = 0;
    while (offset < chunk.length && this.#zeroBlocks < 2) {
      const rest = chunk.length - offset;
      const step = this.#skip > 0 ? Math.min(this.#skip, rest) : Math.min(this.#gathered.length - this.#filled, rest);
      if (this.#skip > 0) {
        this.#skip -= step;
      } else {
        this.#gathered.set(chunk.subarray(offset, offset + step), this.#filled);
        this.#filled += step;
      }
      offset += step;
      this.#position += step;
      if (this.#filled === this.#gathered.length) {
        const bytes = this.#gathered;
        this.#filled = 0;
        this.#complete(bytes);
      }
    }
  }

  finish(): void {
    if (this.#zeroBlocks === 2) return;
    // As for Go, the padding of the last entry may be missing; umoci writes such layers.
    const isComplete = this.#atBoundary && this.#filled === 0 && this.#skip <= this.#padding;
    if (!isComplete) throw this.#visitor.refuse("it ends in the middle of an entry");
  }

  #gather(length: number, complete: (bytes: Uint8Array) => void): void {
    this.#gathered = new Uint8Array(length);
    this.#filled = 0;
    this.#complete = complete;
  }

  #nextHeader(skip: number, padding: number): void {
    this.#skip = skip + padding;
    this.#padding = padding;
    this.#gather(TAR_BLOCK_BYTES, (block) => this.#header(block));
  }

  #header(block: Uint8Array): void {
    if (isZeroBlock(block)) {
      this.#zeroBlocks++;
      if (!this.#atBoundary) throw this.#visitor.refuse("an extended header describes nothing");
      return;
    }
    if (this.#zeroBlocks > 0) throw this.#visitor.refuse("data follows a single zero block");
    const header = parseTarHeader(block, (fact) => this.#visitor.refuse(fact));
    if (++this.#entries > MAX_ENTRIES) throw this.#visitor.refuse(`it has more than ${MAX_ENTRIES} entries`);
    const own = { bytes: block, offset: this.#position - TAR_BLOCK_BYTES };
    if ("xgLK".includes(header.typeFlag)) this.#extendedHeader(header);
    else if (header.hasSparseBlocks) this.#gather(TAR_BLOCK_BYTES, (more) => this.#sparseBlock(header, own, more));
    else this.#entry(header, own);
  }

  #extendedHeader(header: TarHeader): void {
    const { sizeBytes, typeFlag } = header;
    if (sizeBytes === 0 || sizeBytes > MAX_EXTENDED_HEADER_BYTES) {
      throw this.#visitor.refuse(`an extended header has ${sizeBytes} bytes, limit ${MAX_EXTENDED_HEADER_BYTES}`);
    }
    this.#atBoundary = typeFlag === "g" && this.#atBoundary;
    this.#gather(sizeBytes, (bytes) => {
      this.#keep(typeFlag, bytes);
      this.#nextHeader(0, paddingOf(sizeBytes));
    });
  }

  #keep(typeFlag: string, bytes: Uint8Array): void {
    const refuse = (fact: string): Error => this.#visitor.refuse(fact);
    const pending = this.#pending;
    if (typeFlag === "g") {
      // For most readers it is an entry of its own, which takes the names that were meant for the next one.
      if (Object.keys(pending).length > 0) throw refuse("a global header stands between an entry and its names");
      // Some readers apply global headers to all entries, others to none: only those without effect are safe.
      const keys = [...parsePaxRecords(bytes, refuse).keys()];
      if (keys.some((key) => ["path", "linkpath", "size"].includes(key) || key.startsWith("GNU.sparse."))) {
        throw refuse("a global header changes names or sizes");
      }
    } else if (typeFlag === "x") {
      if (pending.pax !== undefined) throw refuse("an entry has two extended headers");
      pending.pax = parsePaxRecords(bytes, refuse);
    } else {
      const end = bytes.indexOf(0);
      // Some readers end the name at the first zero byte, others at the last.
      if (end >= 0 && end < bytes.length - 1) throw refuse("a name has a zero byte");
      const text = latin1Text(bytes, 0, end < 0 ? bytes.length : end);
      if (typeFlag === "L") pending.longPath = text;
      else pending.longLink = text;
    }
  }

  #sparseBlock(header: TarHeader, own: HeaderBlock, map: Uint8Array): void {
    if (map[504] === 1) this.#gather(TAR_BLOCK_BYTES, (more) => this.#sparseBlock(header, own, more));
    else this.#entry(header, own);
  }

  #entry(header: TarHeader, block: HeaderBlock): void {
    const entry = this.#describe(header, block);
    this.#pending = {};
    if ((WITHOUT_CONTENT.has(header.typeFlag) || entry.type === "directory") && entry.sizeBytes > 0) {
      throw this.#visitor.refuse("a link, directory or device has content");
    }
    this.#atBoundary = true;
    if (!this.#visitor.wants(entry)) {
      this.#visitor.entry(entry, undefined);
      this.#nextHeader(entry.sizeBytes, paddingOf(entry.sizeBytes));
    } else if (entry.sizeBytes === 0) {
      this.#visitor.entry(entry, new Uint8Array(0));
      this.#nextHeader(0, 0);
    } else {
      this.#atBoundary = false;
      this.#gather(entry.sizeBytes, (content) => {
        this.#atBoundary = true;
        this.#visitor.entry(entry, content);
        this.#nextHeader(0, paddingOf(entry.sizeBytes));
      });
    }
  }

  #describe(header: TarHeader, block: HeaderBlock): TarEntry {
    const { longPath, longLink, pax } = this.#pending;
    const refuse = (fact: string): Error => this.#visitor.refuse(fact);
    const paxPath = pax?.get("path");
    const paxLink = pax?.get("linkpath");
    const paxSize = pax?.get("size");
    if ((longPath !== undefined && paxPath !== undefined) || (longLink !== undefined && paxLink !== undefined)) {
      throw refuse("an entry has two long names");
    }
    if (paxPath?.includes("\0") === true || paxLink?.includes("\0") === true) throw refuse("a name has a zero byte");
    if (paxSize !== undefined && !/^[0-9]{1,15}$/.test(paxSize))
      throw refuse("an extended header has an impossible size");
    const isSparse = [...(pax?.keys() ?? [])].some((key) => key.startsWith("GNU.sparse."));
    const storedPath = paxPath ?? longPath ?? header.path;
    const storedTarget = paxLink ?? longLink ?? header.linkTarget;
    const sparseName = pax?.get("GNU.sparse.name");
    if ([storedPath, storedTarget, sparseName ?? ""].some((name) => name.length > MAX_PATH_BYTES)) {
      throw refuse(`a name has more than ${MAX_PATH_BYTES} bytes`);
    }
    const path = utf8OfLatin1(sparseName ?? storedPath);
    const type = typeOf(header.typeFlag, path);
    return {
      path,
      type: isSparse ? "sparse" : type,
      linkTarget: type === "symlink" || type === "hardlink" ? utf8OfLatin1(storedTarget) : "",
      sizeBytes: paxSize === undefined ? header.sizeBytes : Number(paxSize),
      offset: this.#position,
      stored: {
        header: block.bytes,
        headerOffset: block.offset,
        typeFlag: header.typeFlag,
        path: storedPath,
        linkTarget: storedTarget,
      },
    };
  }
}

/** Old archives mark a directory only by the slash at the end of its name. */
function typeOf(typeFlag: string, path: string): TarEntryType {
  const type = Object.hasOwn(TYPES, typeFlag) ? TYPES[typeFlag] : undefined;
  if (type === "file" && path.endsWith("/")) return "directory";
  return type ?? "other";
}

function paddingOf(sizeBytes: number): number {
  return (TAR_BLOCK_BYTES - (sizeBytes % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}
