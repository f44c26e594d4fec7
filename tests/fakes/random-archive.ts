import * as fc from "fast-check";
import { encodePax, encodeTarHeader, withChecksum } from "../../scripts/lib/tar-writer.ts";

/** One member of a random archive; also what no ordinary writer makes. */
export interface RandomMember {
  readonly path: string;
  readonly flag: string;
  readonly link: string;
  readonly content: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly device: number;
  /** Whether long names stand in GNU or in pax headers. */
  readonly isPax: boolean;
}

const name = fc.constantFrom("a", "b", "c", "d", "\u00ff", "a.b", "Z", "n".repeat(60), "x".repeat(101), ".", "..");
const whiteout = fc.constantFrom(".wh.a", ".wh.b", ".wh..wh..opq", ".wh.c");
const path = fc
  .tuple(fc.constantFrom("", "./", "/"), fc.array(name, { maxLength: 4 }), fc.option(whiteout, { freq: 4 }))
  .map(([start, parts, hidden]) => start + [...parts, ...(hidden === null ? [] : [hidden])].join("/"))
  .map((text) => (text === "" ? "./" : text));
const link = fc.oneof(
  path,
  fc.constantFrom("", "t".repeat(100), "t".repeat(101), "u".repeat(130), `${"v/".repeat(90)}w`),
);

export const randomMembers: fc.Arbitrary<RandomMember[]> = fc.array(
  fc.record({
    path,
    flag: fc.constantFrom("0", "0", "0", "5", "5", "2", "2", "1", "1", "3", "4", "6", "7"),
    link,
    content: fc.constantFrom("", "x", "content ".repeat(90)),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.integer({ min: 0, max: 0o7777777 }),
    gid: fc.integer({ min: 0, max: 0o7777777 }),
    mtime: fc.integer({ min: 0, max: 0o77777777777 }),
    device: fc.integer({ min: 0, max: 0o7777777 }),
    isPax: fc.boolean(),
  }),
  { maxLength: 24 },
);

/** Names are bytes: each character of a member stands for one. */
export function encodeRandomArchive(members: readonly RandomMember[], trailingBlocks = 2): Buffer {
  const pieces = members.flatMap((member) => [...extendedHeaders(member), ...ownBlocks(member)]);
  return Buffer.concat([...pieces, Buffer.alloc(512 * trailingBlocks)]);
}

function ownBlocks(member: RandomMember): readonly Uint8Array[] {
  const { flag, mode, uid, gid, mtime, device } = member;
  const content = Buffer.from(flag === "0" || flag === "7" ? member.content : "");
  const header = Buffer.from(encodeTarHeader({ name: "", type: flag, mode }, content.length));
  const octal = (at: number, value: number, digits: number): void =>
    void header.write(`${value.toString(8).padStart(digits, "0")}\0`, at, "latin1");
  header.write(member.path.slice(0, 100), 0, "latin1");
  header.write(linkOf(member).slice(0, 100), 157, "latin1");
  octal(108, uid, 7);
  octal(116, gid, 7);
  octal(136, mtime, 11);
  octal(329, device, 7);
  octal(337, device ^ 5, 7);
  return padded(withChecksum(header), content);
}

function extendedHeaders(member: RandomMember): readonly Uint8Array[] {
  const { path, isPax } = member;
  const target = linkOf(member);
  if (isPax && isAscii(path) && isAscii(target)) {
    const records = {
      ...(path.length > 100 ? { path } : {}),
      ...(target.length > 100 ? { linkpath: target } : {}),
    };
    if (Object.keys(records).length === 0) return [];
    const bytes = encodePax(records);
    return padded(encodeTarHeader({ name: "PaxHeader", type: "x" }, bytes.length), bytes);
  }
  const long = (type: string, text: string): readonly Uint8Array[] => {
    const bytes = Buffer.from(`${text}\0`, "latin1");
    return text.length > 100 ? padded(encodeTarHeader({ name: "././@LongLink", type }, bytes.length), bytes) : [];
  };
  return [...long("L", path), ...long("K", target)];
}

function linkOf({ flag, link }: RandomMember): string {
  return flag === "1" || flag === "2" ? link : "";
}

function isAscii(text: string): boolean {
  return !text.includes("\u00ff");
}

function padded(header: Uint8Array, content: Uint8Array): readonly Uint8Array[] {
  return [header, content, new Uint8Array((512 - (content.length % 512)) % 512)];
}
