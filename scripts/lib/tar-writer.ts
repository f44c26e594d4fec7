/** One member of an archive to be written. */
export interface TarMember {
  readonly name: string;
  /** Type flag; `0` (file) unless given. */
  readonly type?: string;
  readonly content?: string | Uint8Array;
  readonly linkTarget?: string;
  readonly mode?: number;
  /** Records of a pax extended header before the member. */
  readonly pax?: Readonly<Record<string, string>>;
}

const BLOCK = 512;

/** Writes a ustar archive with fixed times and owners: the same members give the same bytes. */
export function writeTar(members: readonly TarMember[]): Uint8Array {
  return Buffer.concat([...members.flatMap(encodeMember), new Uint8Array(2 * BLOCK)]);
}

/** A directory entry. */
export function directory(name: string): TarMember {
  return { name: `${name}/`, type: "5", mode: 0o755 };
}

/** A file entry. */
export function file(name: string, content: string | Uint8Array): TarMember {
  return { name, content };
}

/** A symbolic link. */
export function symlink(name: string, linkTarget: string): TarMember {
  return { name, type: "2", linkTarget };
}

/** A hard link to another member. */
export function hardlink(name: string, linkTarget: string): TarMember {
  return { name, type: "1", linkTarget };
}

/** Records of a pax header: `length key=value` and a newline, where the length counts itself. */
export function encodePax(records: Readonly<Record<string, string>>): Uint8Array {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + String(rest).length;
    if (rest + String(length).length !== length) length = rest + String(length).length;
    return `${length} ${key}=${value}\n`;
  });
  return Buffer.from(lines.join(""));
}

/** One header block; `sizeBytes` may differ from the content for hostile archives. */
export function encodeTarHeader(member: TarMember, sizeBytes: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const name = Buffer.from(member.name);
  if (name.length > 100) throw new Error(`name too long, use pax: ${member.name}`);
  name.copy(block, 0);
  block.write(octal(member.mode ?? 0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(sizeBytes, 11), 124);
  block.write(octal(0, 11), 136);
  block.write("        ", 148);
  block.write(member.type ?? "0", 156, "latin1");
  block.write(member.linkTarget ?? "", 157);
  block.write("ustar\u000000", 257, "latin1");
  return withChecksum(block);
}

/** Sets the checksum of a header block that was changed. */
export function withChecksum(block: Uint8Array): Uint8Array {
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  Buffer.from(`${sum.toString(8).padStart(6, "0")}\0 `, "latin1").copy(block, 148);
  return block;
}

function encodeMember(member: TarMember): readonly Uint8Array[] {
  const content = Buffer.from(member.content ?? "");
  const own = [encodeTarHeader(member, content.length), content, padding(content.length)];
  if (member.pax === undefined) return own;
  const records = encodePax(member.pax);
  const header = encodeTarHeader({ name: "PaxHeader", type: "x" }, records.length);
  return [header, records, padding(records.length), ...own];
}

function padding(length: number): Uint8Array {
  return new Uint8Array((BLOCK - (length % BLOCK)) % BLOCK);
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, "0")}\0`;
}
