import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { pack } from "tar-stream";
import {
  encodePax,
  encodeTarHeader,
  file,
  hardlink,
  symlink,
  directory,
  withChecksum,
  writeTar,
} from "../../scripts/lib/tar-writer.ts";
import { streamOf } from "../fakes/stream-of.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { type TarEntry, readTar } from "../../src/oci/tar-reader.ts";
import { codeOfAsync } from "../fakes/error-code.ts";

interface Read {
  readonly entry: TarEntry;
  readonly text: string | undefined;
}

async function entriesOf(archive: Uint8Array, pieceBytes = archive.length): Promise<Read[]> {
  const found: Read[] = [];
  await readTar(pieces(archive, pieceBytes), {
    wants: ({ type }) => type === "file",
    entry: (entry, content) =>
      void found.push({ entry, text: content === undefined ? undefined : Buffer.from(content).toString() }),
    refuse: (fact) => new ContrastError("oci/layer-invalid", fact),
  });
  return found;
}

async function* pieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) yield bytes.subarray(offset, offset + pieceBytes);
}

function codeFor(...parts: readonly (Uint8Array | string)[]): Promise<string> {
  return codeOfAsync(() => entriesOf(Buffer.concat(parts.map((part) => Buffer.from(part)))));
}

function block(text: string): Uint8Array {
  const bytes = new Uint8Array(512);
  bytes.set(Buffer.from(text));
  return bytes;
}

const END = new Uint8Array(1024);
const SAMPLE = writeTar([
  directory("etc"),
  { name: "short", pax: { path: `${"long/".repeat(40)}name`, mtime: "1.5" }, content: "first" },
  file("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
  symlink("etc/group", "../usr/group"),
  hardlink("usr/group", "etc/passwd"),
]);

describe("readTar()", () => {
  test.each([1, 7, 511, 512, 513, 100_000])("reads the same entries from pieces of %d bytes", async (pieceBytes) => {
    const read = await entriesOf(SAMPLE, pieceBytes);
    expect(read.map(({ entry: { path, type, linkTarget }, text }) => [path, type, linkTarget, text])).toEqual([
      ["etc/", "directory", "", undefined],
      [`${"long/".repeat(40)}name`, "file", "", "first"],
      ["etc/passwd", "file", "", "root:x:0:0::/root:/bin/sh\n"],
      ["etc/group", "symlink", "../usr/group", undefined],
      ["usr/group", "hardlink", "etc/passwd", undefined],
    ]);
    for (const { entry, text } of read) {
      const content = SAMPLE.subarray(entry.offset, entry.offset + entry.sizeBytes);
      if (text !== undefined) expect(Buffer.from(content).toString()).toBe(text);
    }
  });

  test("reads what an independent writer wrote", async () => {
    const writer = pack();
    const names = ["a", `${"d/".repeat(60)}deep`, "ü".repeat(80)];
    for (const name of names) writer.entry({ name, mtime: new Date(0) }, `content of ${name}`);
    writer.entry({ name: "link", type: "symlink", linkname: "t".repeat(150) });
    writer.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of writer) chunks.push(Buffer.from(chunk as Uint8Array));
    const read = await entriesOf(Buffer.concat(chunks));
    expect(read.map(({ entry, text }) => text ?? entry.linkTarget)).toEqual([
      ...names.map((name) => `content of ${name}`),
      "t".repeat(150),
    ]);
    expect(read.slice(0, 3).map(({ entry }) => entry.path)).toEqual(names);
  });

  test("reads GNU long names, base-256 sizes and old archives without magic", async () => {
    const long = `${"n".repeat(300)}\0`;
    const old = withChecksum(encodeTarHeader({ name: "old/" }, 0).fill(0, 257, 265));
    const binary = encodeTarHeader({ name: "binary" }, 0);
    binary.fill(0, 124, 136);
    binary[124] = 0x80;
    binary[135] = 3;
    const archive = Buffer.concat([
      encodeTarHeader({ name: "././@LongLink", type: "L" }, long.length),
      block(long),
      encodeTarHeader({ name: "x" }, 0),
      old,
      withChecksum(binary),
      block("abc"),
      END,
    ]);
    const read = await entriesOf(archive);
    expect(read.map(({ entry, text }) => [entry.path, entry.type, text])).toEqual([
      ["n".repeat(300), "file", ""],
      ["old/", "directory", undefined],
      ["binary", "file", "abc"],
    ]);
  });

  test("stops at two zero blocks and ignores what follows", async () => {
    const archive = Buffer.concat([
      writeTar([file("seen", "1")]),
      writeTar([file("unseen", "2")]),
      Buffer.from("garbage"),
    ]);
    expect((await entriesOf(archive)).map(({ entry }) => entry.path)).toEqual(["seen"]);
  });

  test("accepts an empty archive, one without end marker, and one whose last padding is missing", async () => {
    expect(await entriesOf(new Uint8Array())).toEqual([]);
    const withoutEnd = writeTar([file("a", "b")]).subarray(0, 1024);
    expect((await entriesOf(withoutEnd)).length).toBe(1);
    expect((await entriesOf(withoutEnd.subarray(0, 513))).length).toBe(1);
    expect(await codeFor(withoutEnd.subarray(0, 512))).toBe("oci/layer-invalid");
    expect((await entriesOf(Buffer.concat([withoutEnd, new Uint8Array(512)]))).length).toBe(1);
  });

  test("passes over old GNU sparse files with their maps", async () => {
    const sparse = encodeTarHeader({ name: "etc/passwd", type: "S" }, 5);
    sparse[482] = 1;
    const more = new Uint8Array(512);
    more[504] = 1;
    const archive = Buffer.concat([
      withChecksum(sparse),
      more,
      new Uint8Array(512),
      block("12345"),
      writeTar([file("a", "")]),
    ]);
    expect((await entriesOf(archive)).map(({ entry }) => [entry.path, entry.type])).toEqual([
      ["etc/passwd", "sparse"],
      ["a", "file"],
    ]);
  });

  test.each(["path", "linkpath", "GNU.sparse.name"])("refuses a name in %s of more than 32 KiB", async (key) => {
    const archive = (length: number): Uint8Array =>
      writeTar([{ ...symlink("x", "y"), pax: { [key]: "n".repeat(length) } }]);
    expect((await entriesOf(archive(32 * 1024))).length).toBe(1);
    expect(await codeOfAsync(() => entriesOf(archive(32 * 1024 + 1)))).toBe("oci/layer-invalid");
  });

  test("takes the real name of a pax sparse file", async () => {
    const archive = writeTar([{ name: "GNUSparseFile.0/x", pax: { "GNU.sparse.name": "etc/passwd" }, content: "1" }]);
    expect((await entriesOf(archive)).map(({ entry }) => [entry.path, entry.type])).toEqual([["etc/passwd", "sparse"]]);
  });

  const header = encodeTarHeader({ name: "a" }, 0);
  const extended = (records: string | Uint8Array, type = "x"): Uint8Array =>
    Buffer.concat([encodeTarHeader({ name: "p", type }, records.length), block(Buffer.from(records).toString())]);
  test.each<[string, readonly (Uint8Array | string)[]]>([
    ["a wrong checksum", [Uint8Array.from(header).fill(0x62, 0, 1), END]],
    ["text that is no archive", ["not a tar archive ".repeat(60)]],
    ["a size that is no number", [withChecksum(Uint8Array.from(header).fill(0x39, 124, 135)), END]],
    ["a negative size", [withChecksum(Uint8Array.from(header).fill(0xff, 124, 136)), END]],
    ["a size beyond every file", [withChecksum(Uint8Array.from(header).fill(0x80, 124, 136)), END]],
    ["data behind a single zero block", [header, new Uint8Array(512), header, END]],
    ["content that is cut off", [encodeTarHeader({ name: "a" }, 10), "12345"]],
    ["padding of an extended header that is cut off", [extended("9 path=b\n").subarray(0, -1)]],
    ["a header that is cut off", [header.subarray(0, 100)]],
    ["an extended header before the end", [extended("9 path=b\n"), END]],
    ["an extended header that nothing follows", [extended("9 path=b\n")]],
    ["two extended headers for an entry", [extended("9 path=b\n"), extended("9 path=c\n"), header, END]],
    ["a GNU and a pax name for an entry", [extended("9 path=b\n"), extended("c\0", "L"), header, END]],
    ["a pax record with a wrong length", [extended("8 path=b\n"), header, END]],
    ["a pax record without key", [extended("6 =b \n"), header, END]],
    ["a pax record without length", [extended("path=b\n"), header, END]],
    ["a pax name with a zero byte", [extended("11 path=b\0c\n"), header, END]],
    ["a pax size that is no number", [extended("11 size=1e3\n"), header, END]],
    ["a global header that renames", [extended("9 path=b\n", "g"), header, END]],
    ["an empty extended header", [encodeTarHeader({ name: "p", type: "x" }, 0), header, END]],
    ["an extended header of 2 MiB", [encodeTarHeader({ name: "p", type: "x" }, 2 ** 21), header, END]],
    ["a link with content", [encodeTarHeader({ name: "a", type: "2", linkTarget: "b" }, 3), block("abc"), END]],
    ["a directory with content", [encodeTarHeader({ name: "a/" }, 3), block("abc"), END]],
  ])("rejects %s", async (_, parts) => {
    expect(await codeFor(...parts)).toBe("oci/layer-invalid");
  });

  test("accepts a global header without effect", async () => {
    expect(await codeFor(extended(encodePax({ comment: "a commit" }), "g"), header, END)).toBe(
      "no error, returned object",
    );
  });

  test("rejects the sample cut at every byte inside of an entry", async () => {
    for (let length = 1; length < SAMPLE.length - 1024; length++) {
      const found = await entriesOf(SAMPLE.subarray(0, length)).catch((error: unknown) => error);
      if (found instanceof ContrastError) continue;
      const last = (found as Read[]).at(-1)!.entry;
      expect(length).toBeGreaterThanOrEqual(last.offset + last.sizeBytes);
      expect(length).toBeLessThanOrEqual(last.offset + Math.ceil(last.sizeBytes / 512) * 512);
    }
  });

  test("answers damaged archives with entries or its own error", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(SAMPLE.length - 1), fc.nat(255), async (position, value) => {
        const damaged = Uint8Array.from(SAMPLE);
        damaged[position] = value;
        const found = await entriesOf(damaged).catch((error: unknown) => error);
        expect(found instanceof ContrastError || Array.isArray(found)).toBe(true);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  test("reads an archive in one piece as a stream of one", async () => {
    const names: string[] = [];
    await readTar(streamOf(SAMPLE), {
      wants: () => false,
      entry: ({ path }) => void names.push(path),
      refuse: (fact) => new Error(fact),
    });
    expect(names.length).toBe(5);
  });
});
