import { latin1Text } from "../../lib/latin1.ts";
import type { StoredEntry, TarEntry, TarVisitor } from "../tar-reader.ts";
import { readDeviceNumbers, readInodeFields, type InodeFields } from "./inode-fields.ts";
import { createNode, FILE_TYPES, type TarNode } from "./tar-node.ts";

/** How links with long targets are treated: left out, or with their target in the index. */
export type IndexVariant = "classic" | "special";

/** Bounds for an archive that somebody else wrote; what is kept of it lies in memory. */
export interface TreeLimits {
  readonly maxNodes: number;
  /** Of all names and long link targets. */
  readonly maxNameBytes: number;
}

/** Far above real layers; a node takes up to a kilobyte. */
const TREE_LIMITS: TreeLimits = { maxNodes: 1_000_000, maxNameBytes: 128 * 1024 * 1024 };

/** Where the link target stands in a header. */
const LINK_FIELD = { offset: 157, length: 100 } as const;
const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
const ROOT_PERMISSIONS = 0o555;

/**
 * The files of a layer as the index builder of the AKS nodes sees them. Archives that the builder would misread in ways
 * that nobody can want, such as links in circles, are refused; everything else is kept as it does, mistakes included.
 *
 * @see Microsoft's tardev-snapshotter, crate tarindex
 */
export class TarTree implements TarVisitor {
  readonly root: TarNode = { ...createNode(), type: FILE_TYPES.directory, permissions: ROOT_PERMISSIONS };
  /** Long link targets in the order of the archive, also of links that were replaced later. */
  readonly lateTargets: string[] = [];
  readonly #variant: IndexVariant;
  readonly #limits: TreeLimits;
  readonly #refuse: (fact: string) => Error;
  #nodes = 1;
  #nameBytes = 0;

  constructor(variant: IndexVariant, refuse: (fact: string) => Error, limits: TreeLimits = TREE_LIMITS) {
    this.#variant = variant;
    this.#limits = limits;
    this.#refuse = refuse;
  }

  wants(): boolean {
    return false;
  }

  refuse(fact: string): Error {
    return this.#refuse(fact);
  }

  entry({ stored, sizeBytes, offset }: Pick<TarEntry, "stored" | "sizeBytes" | "offset">): void {
    checkPrefix(stored, this.#refuse);
    const fields = readInodeFields(stored.header);
    if (fields === undefined) return;
    switch (stored.typeFlag) {
      case "0":
        return void this.#insert(stored, { ...fields, type: FILE_TYPES.regular, sizeBytes, offset });
      case "1":
        return this.#link(stored);
      case "2":
        return this.#symlink(stored, fields);
      case "3":
        return this.#device(stored, fields, FILE_TYPES.character);
      case "4":
        return this.#device(stored, fields, FILE_TYPES.block);
      case "5":
        return void this.#insert(stored, { ...fields, type: FILE_TYPES.directory });
      case "6":
        return void this.#insert(stored, { ...fields, type: FILE_TYPES.fifo });
      default:
    }
  }

  #device(stored: StoredEntry, fields: InodeFields, type: number): void {
    const numbers = readDeviceNumbers(stored.header);
    if (numbers === undefined) return;
    this.#insert(stored, { ...fields, type, offset: numbers.minor, deviceMajor: numbers.major });
  }

  #symlink(stored: StoredEntry, fields: InodeFields): void {
    const { header, headerOffset, linkTarget } = stored;
    if (linkTarget === "") return;
    const hasLateTarget = linkTarget !== linkField(header);
    if (hasLateTarget && this.#variant === "classic") return;
    const offset = hasLateTarget ? 0 : headerOffset + LINK_FIELD.offset;
    const change = { ...fields, type: FILE_TYPES.symlink, sizeBytes: linkTarget.length, offset, hasLateTarget };
    if (!this.#insert(stored, change) || !hasLateTarget) return;
    this.#countName(linkTarget);
    this.lateTargets.push(linkTarget);
  }

  /** @returns whether the entry became a node */
  #insert({ path }: StoredEntry, change: Partial<TarNode>): boolean {
    const parts = splitPath(path);
    if (parts === undefined) return false;
    const name = parts.at(-1) ?? "";
    if (name === OPAQUE) {
      this.#find(parts.slice(0, -1)).isOpaque = true;
      return false;
    }
    if (name.startsWith(WHITEOUT)) {
      const hidden = name.slice(WHITEOUT.length);
      if (["", ".", ".."].includes(hidden)) throw this.#refuse(`the whiteout "${name}" removes no name`);
      const node = this.#find([...parts.slice(0, -1), hidden]);
      // The node keeps everything that is not named here: owner, time, permissions.
      const { character: type } = FILE_TYPES;
      Object.assign(node, { type, sizeBytes: 0, offset: 0, deviceMajor: 0, hasLateTarget: false, children: undefined });
      return false;
    }
    const node = this.#find(parts);
    const { isShared } = node;
    Object.assign(node, createNode(), { isShared }, change);
    return true;
  }

  #link({ path, linkTarget }: StoredEntry): void {
    const target = splitPath(linkTarget);
    if (target === undefined) return;
    const existing = this.#find(target);
    if (existing.type !== FILE_TYPES.regular) return;
    const parts = splitPath(path);
    if (parts === undefined) return;
    const name = parts.at(-1);
    if (name === undefined) throw this.#refuse("its root is a hard link");
    const directory = this.#find(parts.slice(0, -1));
    existing.isShared = true;
    if (directory.children?.has(name) !== true) this.#countName(name);
    (directory.children ??= new Map()).set(name, existing);
  }

  /** The node of a path; what is missing on the way is made. */
  #find(parts: readonly string[]): TarNode {
    let node = this.root;
    for (const part of parts) {
      const children = (node.children ??= new Map<string, TarNode>());
      let child = children.get(part);
      if (child === undefined) {
        if (++this.#nodes > this.#limits.maxNodes)
          throw this.#refuse(`it has more than ${this.#limits.maxNodes} files`);
        this.#countName(part);
        child = createNode();
        children.set(part, child);
      }
      node = child;
    }
    return node;
  }

  #countName(name: string): void {
    this.#nameBytes += name.length;
    const { maxNameBytes } = this.#limits;
    if (this.#nameBytes > maxNameBytes) throw this.#refuse(`its names have more than ${maxNameBytes} bytes`);
  }
}

/** `a/./b/../c` as `a`, `c`; undefined for a path that leads above the root. */
function splitPath(path: string): readonly string[] | undefined {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts;
}

function linkField(header: Uint8Array): string {
  const field = header.subarray(LINK_FIELD.offset, LINK_FIELD.offset + LINK_FIELD.length);
  const end = field.indexOf(0);
  return latin1Text(field, 0, end < 0 ? field.length : end);
}

/** The builder takes a name prefix only from headers of version "00", container runtimes from all. */
function checkPrefix({ header }: StoredEntry, refuse: (fact: string) => Error): void {
  const isUstar = latin1Text(header, 257, 263) === "ustar\0";
  if (isUstar && latin1Text(header, 263, 265) !== "00" && header[345] !== 0) {
    throw refuse("a header of an unknown version has a name prefix");
  }
}
