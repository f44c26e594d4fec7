import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import {
  directory,
  encodePax,
  encodeTarHeader,
  file,
  hardlink,
  symlink,
  type TarMember,
  withChecksum,
  writeTar,
} from "../../../scripts/lib/tar-writer.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { indexedLayer } from "../../fakes/indexed-layer.ts";
import { encodeRandomArchive, randomMembers } from "../../fakes/random-archive.ts";
import { referenceLayer } from "../../fakes/reference-layer.ts";
import { KNOWN_LAYERS } from "./known-layers.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The inode of a path, for looking at single fields. */
interface Inode {
  readonly mode: number;
  readonly flags: number;
  readonly uid: number;
  readonly size: number;
  readonly offset: number;
  readonly names: readonly string[];
}

/** Reads the index back as a node does. */
function inodesOf(image: Buffer): Inode[] {
  const table = Number(image.readBigUInt64LE(image.length - 512));
  const count = Number(image.readBigUInt64LE(image.length - 504));
  return Array.from({ length: count }, (_, index) => {
    const at = table + 32 * index;
    const mode = image.readUInt16LE(at);
    const size = Number(image.readBigUInt64LE(at + 16));
    const offset = Number(image.readBigUInt64LE(at + 24));
    const names = (mode & 0o170000) === 0o040000 ? namesOf(image, offset, size) : [];
    return { mode, flags: image[at + 2]!, uid: image.readUInt32LE(at + 4), size, offset, names };
  });
}

function namesOf(image: Buffer, offset: number, size: number): string[] {
  return Array.from({ length: size / 32 }, (_, index) => {
    const at = offset + 32 * index;
    const start = Number(image.readBigUInt64LE(at + 8));
    return image.subarray(start, start + Number(image.readBigUInt64LE(at + 16))).toString("latin1");
  });
}

function codeFor(members: readonly TarMember[] | Uint8Array): string {
  const archive = members instanceof Uint8Array ? members : writeTar(members);
  return codeOf(() => indexedLayer(archive));
}

describe("encodeIndex()", () => {
  test.each(KNOWN_LAYERS)("gives the known image of $name", ({ gzip, archiveHash, imageBytes, special, classic }) => {
    const archive = gunzipSync(Buffer.from(gzip, "base64"));
    expect(sha256(archive)).toBe(archiveHash);
    const image = indexedLayer(archive);
    expect([image.length, sha256(image)]).toEqual([imageBytes, special.image]);
    expect(sha256(indexedLayer(archive, { variant: "classic" }))).toBe((classic ?? special).image);
  });

  test("agrees with a reading of the description, on random archives in pieces of any size", () => {
    let refused = 0;
    let runs = 0;
    fc.assert(
      fc.property(
        randomMembers,
        fc.constantFrom("classic" as const, "special" as const),
        fc.integer({ min: 1, max: 5000 }),
        (members, variant, pieceBytes) => {
          const archive = encodeRandomArchive(members);
          runs++;
          try {
            const image = indexedLayer(archive, { variant, pieceBytes });
            expect(sha256(image)).toBe(sha256(referenceLayer(archive, variant).image));
          } catch (error) {
            if (!(error instanceof ContrastError)) throw error;
            refused++;
          }
        },
      ),
      { numRuns: 1500, seed: 12 },
    );
    // Only what nobody can read in one way is refused.
    expect(refused).toBeLessThan(runs / 10);
  });

  test("numbers nodes breadth first, in the order of the bytes of their names", () => {
    const image = indexedLayer(writeTar([file("b/z", ""), file("b/\u00e4", ""), file("B", "x"), directory("a")]));
    expect(inodesOf(image).map(({ names }) => names)).toEqual([["B", "a", "b"], [], [], [], [], []]);
    // Parents that no entry names have no type, so their entries are not written.
    expect(inodesOf(image).map(({ mode }) => mode.toString(8))).toEqual([
      "40555",
      "100644",
      "40755",
      "0",
      "100644",
      "100644",
    ]);
  });

  test("lets two names share a node, also when it is replaced later", () => {
    const members = [file("a", "old"), hardlink("b", "a"), { ...file("a", "newer"), mode: 0o600 }];
    const [root, shared, ...others] = inodesOf(indexedLayer(writeTar(members)));
    expect(root?.names).toEqual(["a", "b"]);
    expect(shared).toMatchObject({ mode: 0o100600, size: 5 });
    expect(others).toEqual([]);
  });

  test("turns whiteouts into devices that keep the rest of the node, and marks opaque directories", () => {
    const members = [
      { ...file("d/gone", "text"), mode: 0o640 },
      file("d/.wh.gone", ""),
      file("d/.wh.other", ""),
      directory("o"),
      file("o/.wh..wh..opq", ""),
    ];
    const inodes = inodesOf(indexedLayer(writeTar([directory("d"), ...members])));
    expect(inodes.map(({ mode, flags, size }) => [mode.toString(8), flags, size])).toEqual([
      ["40555", 0, 64],
      ["40755", 0, 64],
      ["40755", 1, 0],
      ["20640", 0, 0],
      ["20000", 0, 0],
    ]);
  });

  test("reads numbers of base 256, and takes those that are none for 0", () => {
    const header = Buffer.from(encodeTarHeader({ name: "f" }, 0));
    header.fill(0, 108, 124);
    header[108] = 0x80;
    header.writeUInt32BE(0xfedcba98, 112);
    header.write("none", 116);
    const [, inode] = inodesOf(indexedLayer(Buffer.concat([withChecksum(header), Buffer.alloc(1024)])));
    expect(inode?.uid).toBe(0xfedcba98);
  });

  test("passes over entries without mode, devices without numbers, sparse and unknown files, paths above the root", () => {
    const change = (member: TarMember, at: number, text: string): Uint8Array => {
      const header = Buffer.from(encodeTarHeader(member, 0));
      header.fill(0, at, at + 8);
      header.write(text, at);
      return withChecksum(header);
    };
    const archive = Buffer.concat([
      change({ name: "nomode" }, 100, "rwx"),
      change({ name: "device", type: "3" }, 329, "eight"),
      change({ name: "nomagic", type: "4" }, 257, ""),
      writeTar([
        { name: "sparse", type: "S" },
        { name: "contiguous", type: "7" },
        { name: "unknown", type: "Q" },
        file("../above", ""),
        file("a/../../above", ""),
        hardlink("dangling", "nowhere/file"),
        hardlink("../up", "nowhere"),
        symlink("empty", ""),
        file("seen", ""),
      ]),
    ]);
    const [root] = inodesOf(indexedLayer(archive));
    // A hard link that leads nowhere makes the nodes that it looked for.
    expect(root?.names).toEqual(["nowhere", "seen"]);
  });

  test("counts names twice for the place of the superblock", () => {
    const names = Array.from({ length: 40 }, (_, index) => file(`${index}`.padStart(60, "n"), ""));
    const archive = writeTar(names);
    const length = archive.length + 41 * 32 + 40 * 32;
    expect(indexedLayer(archive).length).toBe(Math.ceil((length + 2 * 40 * 60) / 4096) * 4096 + 4096);
    expect(Math.ceil((length + 40 * 60) / 4096)).toBeLessThan(Math.ceil((length + 2 * 40 * 60) / 4096));
  });

  test.each([
    ["a hard link that becomes a directory", [file("a", ""), hardlink("b", "a"), directory("b")]],
    ["a hard link below its own target", [file("a", ""), hardlink("a/b", "a")]],
    [
      "a hard link that becomes a long link",
      [file("a", ""), hardlink("b", "a"), { ...symlink("b", ""), pax: { linkpath: "l".repeat(101) } }],
    ],
    ["a hard link as the root", [file("a", ""), hardlink("./", "a")]],
    ["a whiteout of nothing", [file(".wh.", "")]],
    ["a whiteout of the directory above", [file("d/.wh...", "")]],
  ])("refuses %s", (_, members) => {
    expect(codeFor(members)).toBe("oci/layer-invalid");
  });

  test("refuses a name prefix in a header of an unknown version", () => {
    const header = Buffer.from(encodeTarHeader({ name: "f" }, 0));
    header.write("  ", 263);
    const plain = Buffer.concat([withChecksum(Buffer.from(header)), Buffer.alloc(1024)]);
    expect(codeFor(plain)).toBe("no error, returned object");
    header.write("usr", 345);
    expect(codeFor(Buffer.concat([withChecksum(header), Buffer.alloc(1024)]))).toBe("oci/layer-invalid");
  });

  test("refuses more files and longer names than it may keep", () => {
    const limits = { maxNodes: 5, maxNameBytes: 20 };
    const code = (members: readonly TarMember[]): string => codeOf(() => indexedLayer(writeTar(members), { limits }));
    expect(code([file("a/b/c/d", "")])).toBe("no error, returned object");
    expect(code([file("a/b/c/d/e", "")])).toBe("oci/layer-invalid");
    expect(code([file("n".repeat(20), "")])).toBe("no error, returned object");
    expect(code([file("n".repeat(21), "")])).toBe("oci/layer-invalid");
    const long = { ...symlink("l", ""), pax: { linkpath: "t".repeat(101) } };
    expect(code([long])).toBe("oci/layer-invalid");
    const links = Array.from({ length: 10 }, (_, index) => hardlink(`h${index}`, "a"));
    expect(code([file("a", ""), ...links.slice(0, 9), ...links.slice(0, 9)])).toBe("no error, returned object");
    expect(code([file("a", ""), ...links])).toBe("oci/layer-invalid");
    const again = Array.from({ length: 30 }, () => file("a", ""));
    expect(code(again)).toBe("no error, returned object");
  });

  test("refuses paths and link targets that no system could open", () => {
    const path = "p/".repeat(16 * 1024);
    expect(codeFor([{ ...directory("d"), pax: { path } }])).toBe("no error, returned object");
    expect(codeFor([{ ...directory("d"), pax: { path: `${path}/` } }])).toBe("oci/layer-invalid");
    expect(codeFor([{ ...symlink("l", "t"), pax: { linkpath: path } }])).toBe("no error, returned object");
    expect(codeFor([{ ...symlink("l", "t"), pax: { linkpath: `${path}/` } }])).toBe("oci/layer-invalid");
  });

  test.each([
    [
      "a pax header with a damaged record",
      Buffer.concat([encodeTarHeader({ name: "x", type: "x" }, 4), Buffer.from("9 a\n"), Buffer.alloc(508)]),
    ],
    ["two names for one entry", Buffer.concat([...longName("L", "a".repeat(101)), paxHeader({ path: "b" })])],
    [
      "a global header between an entry and its name",
      Buffer.concat([...longName("L", "a".repeat(101)), paxHeader({ comment: "c" }, "g")]),
    ],
    ["a long name with a zero byte inside", Buffer.concat(longName("L", "a\0b"))],
    ["a negative size", withSize("\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")],
  ])("refuses %s", (_, start) => {
    expect(codeFor(Buffer.concat([start, writeTar([file("f", "x")])]))).toBe("oci/layer-invalid");
  });

  test("refuses every archive that is cut before its end, or gives the image of what is whole", () => {
    const archive = writeTar([directory("d"), file("d/f", "x".repeat(700)), hardlink("h", "d/f")]);
    const whole = [0, 512, 2048, 2560, archive.length - 512, archive.length];
    for (let length = 0; length <= archive.length; length++) {
      const code = codeOf(() => indexedLayer(archive.subarray(0, length)));
      if (!code.startsWith("no error")) expect(code).toBe("oci/layer-invalid");
      else expect(whole.includes(length) || (length >= 1024 + 700 && length < 2048) || length > 2560).toBe(true);
    }
  });
});

function paxHeader(records: Readonly<Record<string, string>>, type = "x"): Uint8Array {
  const bytes = encodePax(records);
  return Buffer.concat([
    encodeTarHeader({ name: "x", type }, bytes.length),
    bytes,
    new Uint8Array((512 - (bytes.length % 512)) % 512),
  ]);
}

function longName(type: string, text: string): readonly Uint8Array[] {
  const bytes = Buffer.from(`${text}\0`, "latin1");
  return [
    encodeTarHeader({ name: "././@LongLink", type }, bytes.length),
    bytes,
    new Uint8Array((512 - (bytes.length % 512)) % 512),
  ];
}

function withSize(field: string): Uint8Array {
  const header = Buffer.from(encodeTarHeader({ name: "f" }, 0));
  header.write(field, 124, "latin1");
  return withChecksum(header);
}
