/** File types of inodes; a node that was only passed through has none. */
export const FILE_TYPES = {
  none: 0,
  fifo: 0o010000,
  character: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  regular: 0o100000,
  symlink: 0o120000,
} as const;

/** An inode of the index; a hard link makes two names share one. Entries that come later change it in place. */
export interface TarNode {
  type: number;
  permissions: number;
  isOpaque: boolean;
  uid: number;
  gid: number;
  mtimeLow: number;
  mtimeHigh: number;
  sizeBytes: number;
  /** Of the content or link target in the archive; of a device its minor number. */
  offset: number;
  deviceMajor: number;
  /** A link whose target does not stand in its header: it lies in the index, at an offset found at the end. */
  hasLateTarget: boolean;
  isShared: boolean;
  /** By name, one character for each byte. */
  children: Map<string, TarNode> | undefined;
  /** From 1; 0 as long as the node has no number. */
  inode: number;
}

/** A node that nothing is known of. */
export function createNode(): TarNode {
  return {
    type: FILE_TYPES.none,
    permissions: 0,
    isOpaque: false,
    uid: 0,
    gid: 0,
    mtimeLow: 0,
    mtimeHigh: 0,
    sizeBytes: 0,
    offset: 0,
    deviceMajor: 0,
    hasLateTarget: false,
    isShared: false,
    children: undefined,
    inode: 0,
  };
}
