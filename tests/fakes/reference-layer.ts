import { createHash } from "node:crypto";

/**
 * The indexed image of a layer and its root hash, written from the description of the format only, for archives in
 * memory. It shares no code with the program: it reads headers by itself, keeps nodes in one list and finds children
 * through their full paths.
 */
export interface ReferenceLayer {
  readonly image: Buffer;
  readonly rootHash: string;
}

interface Node {
  mode: number;
  opaque: number;
  uid: number;
  gid: number;
  mtime: number;
  size: number;
  offset: bigint;
  late: boolean;
  children: Map<string, number>;
  inode: number;
}

const blank = (): Node => ({
  mode: 0,
  opaque: 0,
  uid: 0,
  gid: 0,
  mtime: 0,
  size: 0,
  offset: 0n,
  late: false,
  children: new Map(),
  inode: 0,
});

export function referenceLayer(archive: Buffer, variant: "classic" | "special" = "special"): ReferenceLayer {
  const image = referenceImage(archive, variant);
  return { image, rootHash: referenceRoot(image) };
}

/** Root hash over any image of whole blocks. */
export function referenceRoot(image: Buffer): string {
  const salted = (block: Uint8Array): Buffer => createHash("sha256").update(Buffer.alloc(32)).update(block).digest();
  let level = image;
  do {
    const digests: Buffer[] = [];
    for (let at = 0; at < level.length; at += 4096) digests.push(salted(level.subarray(at, at + 4096)));
    level = Buffer.concat(digests);
    level = Buffer.concat([level, Buffer.alloc((4096 - (level.length % 4096)) % 4096)]);
  } while (level.length > 4096);
  return salted(level).toString("hex");
}

function referenceImage(archive: Buffer, variant: "classic" | "special"): Buffer {
  const nodes: Node[] = [{ ...blank(), mode: 0o40555 }];
  const texts: string[] = [];
  const clean = (path: string): string[] | undefined => {
    const parts: string[] = [];
    for (const part of path.split("/").filter((name) => name !== "" && name !== ".")) {
      if (part !== "..") parts.push(part);
      else if (parts.length === 0) return undefined;
      else parts.length--;
    }
    return parts;
  };
  const reach = (parts: readonly string[]): number =>
    parts.reduce((at, part) => {
      const found = nodes[at]!.children.get(part) ?? nodes.push(blank()) - 1;
      nodes[at]!.children.set(part, found);
      return found;
    }, 0);

  for (const { flag, path, link, field, at, size, header } of membersOf(archive)) {
    const parts = clean(path);
    const number = (from: number, to: number): number => Number.parseInt(cString(header, from, to).trim() || "0", 8);
    const own = { uid: number(108, 116), gid: number(116, 124), mtime: number(136, 148) };
    const permissions = number(100, 108) & 0o777;
    let change: Partial<Node> | undefined;
    if (flag === "0") change = { mode: 0o100000, size, offset: BigInt(at + 512) };
    if (flag === "5") change = { mode: 0o040000 };
    if (flag === "6") change = { mode: 0o010000 };
    if (flag === "3" || flag === "4") {
      const device = (BigInt(number(329, 337)) << 32n) | BigInt(number(337, 345));
      change = { mode: flag === "3" ? 0o020000 : 0o060000, offset: device };
    }
    if (flag === "2" && link !== "" && (link === field || variant === "special")) {
      change = { mode: 0o120000, size: link.length, offset: BigInt(at + 157), late: link !== field };
    }
    if (flag === "1") {
      const target = clean(link);
      if (link === "" || target === undefined) continue;
      const shared = reach(target);
      if ((nodes[shared]!.mode & 0o170000) !== 0o100000 || parts === undefined) continue;
      nodes[reach(parts.slice(0, -1))]!.children.set(parts.at(-1)!, shared);
    }
    if (change === undefined || parts === undefined) continue;
    const last = parts.at(-1) ?? "";
    if (last === ".wh..wh..opq") nodes[reach(parts.slice(0, -1))]!.opaque = 1;
    else if (last.startsWith(".wh.")) {
      const node = nodes[reach([...parts.slice(0, -1), last.slice(4)])]!;
      const mode = 0o020000 | (node.mode & 0o777);
      Object.assign(node, { mode, size: 0, offset: 0n, late: false, children: new Map() });
    } else {
      if (change.late === true) texts.push(link);
      const at = reach(parts);
      nodes[at] = { ...blank(), ...own, ...change, mode: (change.mode ?? 0) | permissions };
    }
  }
  return Buffer.concat([archive, indexOf(nodes, texts, archive.length)]);
}

interface Member {
  readonly flag: string;
  readonly path: string;
  readonly link: string;
  readonly field: string;
  readonly at: number;
  readonly size: number;
  readonly header: Buffer;
}

function* membersOf(archive: Buffer): Generator<Member> {
  let long: { path?: string; link?: string } = {};
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0;) {
    const header = archive.subarray(at, at + 512);
    const flag = header[156] === 0 ? "0" : String.fromCharCode(header[156]!);
    const size = Number.parseInt(cString(header, 124, 136).trim(), 8);
    const content = archive.subarray(at + 512, at + 512 + size).toString("latin1");
    if (flag === "L") long.path = content.slice(0, -1);
    else if (flag === "K") long.link = content.slice(0, -1);
    else if (flag === "x") {
      for (let rest = content; rest !== "";) {
        const length = Number.parseInt(rest, 10);
        const [key, ...value] = rest.slice(rest.indexOf(" ") + 1, length - 1).split("=");
        if (key === "path") long.path = value.join("=");
        if (key === "linkpath") long.link = value.join("=");
        rest = rest.slice(length);
      }
    } else if (flag !== "g") {
      const prefix = cString(header, 257, 263) === "ustar" ? cString(header, 345, 500) : "";
      const name = cString(header, 0, 100);
      const field = cString(header, 157, 257);
      const path = long.path ?? (prefix === "" ? name : `${prefix}/${name}`);
      yield { flag, path, link: long.link ?? field, field, at, size, header };
      long = {};
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

function indexOf(nodes: readonly Node[], texts: readonly string[], archiveBytes: number): Buffer {
  const order: Node[] = [];
  const queue = [nodes[0]!];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (node.inode === 0) node.inode = order.push(node);
    for (const name of [...node.children.keys()].toSorted((a, b) => Buffer.compare(latin(a), latin(b)))) {
      queue.push(nodes[node.children.get(name)!]!);
    }
  }
  const directories = order.filter(({ mode }) => (mode & 0o170000) === 0o040000);
  const entries = directories.flatMap(({ children }) =>
    [...children.keys()]
      .toSorted((a, b) => Buffer.compare(latin(a), latin(b)))
      .map((name) => ({ name, node: nodes[children.get(name)!]! })),
  );
  let at = archiveBytes + 32 * order.length;
  for (const directory of directories) {
    directory.offset = BigInt(at);
    directory.size = 32 * directory.children.size;
    at += directory.size;
  }
  const stringsAt = at;
  for (const node of order.filter(({ late }) => late)) {
    node.offset = BigInt(at);
    at += node.size;
  }
  const inodes = order.map((node) => {
    const bytes = Buffer.alloc(32);
    bytes.writeUInt16LE(node.mode, 0);
    bytes[2] = node.opaque;
    bytes[3] = Math.floor(node.mtime / 2 ** 32) & 15;
    bytes.writeUInt32LE(node.uid, 4);
    bytes.writeUInt32LE(node.gid, 8);
    bytes.writeUInt32LE(node.mtime % 2 ** 32, 12);
    bytes.writeBigUInt64LE(BigInt(node.size), 16);
    bytes.writeBigUInt64LE(node.offset, 24);
    return bytes;
  });
  const lateBytes = at - stringsAt;
  const records = entries.map(({ name, node }) => {
    const bytes = Buffer.alloc(32);
    bytes.writeBigUInt64LE(BigInt(node.inode), 0);
    bytes.writeBigUInt64LE(BigInt(at), 8);
    bytes.writeBigUInt64LE(BigInt(name.length), 16);
    bytes[24] = (node.mode & 0o170000) >> 12;
    at += name.length;
    return bytes;
  });
  const text = texts.join("");
  const names = entries.map(({ name }) => name).join("");
  const body = Buffer.concat([...inodes, ...records, latin(text + names)]);
  const end = Math.ceil((stringsAt + lateBytes + text.length + 2 * names.length) / 4096) * 4096;
  const superblock = Buffer.alloc(4096);
  superblock.writeBigUInt64LE(BigInt(archiveBytes), 3584);
  superblock.writeBigUInt64LE(BigInt(order.length), 3592);
  return Buffer.concat([body, Buffer.alloc(end - archiveBytes - body.length), superblock]);
}

function cString(bytes: Buffer, from: number, to: number): string {
  return bytes.subarray(from, to).toString("latin1").split("\0", 1)[0]!;
}

function latin(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
