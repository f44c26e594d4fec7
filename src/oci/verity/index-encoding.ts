import { latin1Bytes } from "../../lib/latin1.ts";
import { VERITY_BLOCK_BYTES } from "./hash-chunk.ts";
import { FILE_TYPES, type TarNode } from "./tar-node.ts";
import type { TarTree } from "./tar-tree.ts";

const INODE_BYTES = 32;
const DIRECTORY_ENTRY_BYTES = 32;
const SUPERBLOCK_OFFSET = VERITY_BLOCK_BYTES - 512;
const TWO_32 = 2 ** 32;

/** Types of directory entries are the upper bits of those of inodes. */
const TYPE_SHIFT = 12;

/**
 * Encodes the index that a node appends to the archive of a layer, so that it can be mounted. All numbers are
 * little-endian.
 *
 *     inode table        32 bytes for each inode, inode 1 first
 *     directory entries  32 bytes for each, all directories in the order of their inodes
 *     long link targets
 *     names              of all entries in their order, nothing between them
 *     padding            zeros up to a multiple of 4096 bytes from the start of the archive, or one block more
 *     superblock         4096 bytes: zeros, at 3584 the offset of the inode table and the number of inodes
 *
 * Names and long link targets count twice in the place of the superblock, as in the node's own program.
 *
 * @param tree numbered by this call, so usable once
 * @param archiveBytes length of the whole archive, the zero blocks at its end included
 * @throws what the tree refuses with, for hard links that lead into circles
 */
export function* encodeIndex(tree: TarTree, archiveBytes: number): Generator<Uint8Array> {
  const inodes = numberNodes(tree);
  const entryCount = inodes.reduce((sum, node) => sum + (isDirectory(node) ? (node.children?.size ?? 0) : 0), 0);
  const directoriesAt = archiveBytes + inodes.length * INODE_BYTES;
  const stringsAt = directoriesAt + entryCount * DIRECTORY_ENTRY_BYTES;

  let nextDirectory = directoriesAt;
  let nextTarget = stringsAt;
  for (const node of inodes) {
    if (isDirectory(node)) {
      node.offset = nextDirectory;
      node.sizeBytes = (node.children?.size ?? 0) * DIRECTORY_ENTRY_BYTES;
      nextDirectory += node.sizeBytes;
    } else if (node.hasLateTarget) {
      node.offset = nextTarget;
      nextTarget += node.sizeBytes;
    }
  }
  for (const node of inodes) yield encodeInode(node);

  let nextName = nextTarget;
  for (const node of inodes) {
    if (!isDirectory(node)) continue;
    for (const [name, child] of node.children ?? []) {
      yield encodeDirectoryEntry(child, nextName, name.length);
      nextName += name.length;
    }
  }
  let end = stringsAt;
  for (const target of tree.lateTargets) {
    yield latin1Bytes(target);
    end += target.length;
  }
  // Offsets of names start behind the targets that are in use, the names themselves behind all of them.
  const superblockAt = roundUp(end + (nextName - stringsAt) + (nextName - nextTarget), VERITY_BLOCK_BYTES);
  for (const node of inodes) {
    if (!isDirectory(node)) continue;
    for (const [name] of node.children ?? []) {
      yield latin1Bytes(name);
      end += name.length;
    }
  }
  for (; end < superblockAt; end += VERITY_BLOCK_BYTES) {
    yield new Uint8Array(Math.min(VERITY_BLOCK_BYTES, superblockAt - end));
  }
  yield encodeSuperblock(archiveBytes, inodes.length);
}

/**
 * Numbers the nodes breadth first, names in byte order, and puts their children into that order.
 *
 * @returns the nodes in the order of their numbers
 */
function numberNodes(tree: TarTree): readonly TarNode[] {
  const inodes: TarNode[] = [];
  const number = (node: TarNode): void => {
    if (node.isShared && (node.children !== undefined || node.hasLateTarget || isDirectory(node))) {
      throw tree.refuse("a hard link leads to what is no file in the end");
    }
    node.inode = inodes.push(node);
  };
  number(tree.root);
  let visited = [tree.root];
  while (visited.length > 0) {
    const below: TarNode[] = [];
    for (const node of visited) {
      if (node.children === undefined) continue;
      // Names have one character for each byte, so their order is that of the bytes.
      node.children = new Map([...node.children].toSorted(([a], [b]) => (a < b ? -1 : 1)));
      for (const child of node.children.values()) below.push(child);
    }
    // A level is numbered as a whole: the builder numbers a node when it visits it, behind all that wait already.
    for (const node of below) if (node.inode === 0) number(node);
    visited = below;
  }
  return inodes;
}

function isDirectory({ type }: TarNode): boolean {
  return type === FILE_TYPES.directory;
}

function encodeInode(node: TarNode): Uint8Array {
  const bytes = new Uint8Array(INODE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, node.type + node.permissions, true);
  view.setUint8(2, node.isOpaque ? 1 : 0);
  view.setUint8(3, node.mtimeHigh);
  view.setUint32(4, node.uid, true);
  view.setUint32(8, node.gid, true);
  view.setUint32(12, node.mtimeLow, true);
  putNumber(view, 16, node.sizeBytes);
  putNumber(view, 24, node.offset, node.deviceMajor);
  return bytes;
}

function encodeDirectoryEntry(child: TarNode, nameOffset: number, nameBytes: number): Uint8Array {
  const bytes = new Uint8Array(DIRECTORY_ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  putNumber(view, 0, child.inode);
  putNumber(view, 8, nameOffset);
  putNumber(view, 16, nameBytes);
  view.setUint8(24, child.type >> TYPE_SHIFT);
  return bytes;
}

function encodeSuperblock(archiveBytes: number, inodeCount: number): Uint8Array {
  const bytes = new Uint8Array(VERITY_BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  putNumber(view, SUPERBLOCK_OFFSET, archiveBytes);
  putNumber(view, SUPERBLOCK_OFFSET + 8, inodeCount);
  return bytes;
}

/** Writes 64 bits. */
function putNumber(view: DataView, offset: number, value: number, high = 0): void {
  view.setUint32(offset, value % TWO_32, true);
  view.setUint32(offset + 4, Math.floor(value / TWO_32) + high, true);
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
