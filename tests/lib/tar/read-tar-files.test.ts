import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { extract } from "tar-stream";
import { directory, file, symlink, withChecksum, writeTar } from "../../../scripts/lib/tar-writer.ts";
import { encodeTar, type TarFile } from "../../../src/lib/tar/encode-tar.ts";
import { readTarFiles } from "../../../src/lib/tar/read-tar-files.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { flipBit } from "../../fakes/mutations.ts";

const LIMITS = { maxFiles: 10, maxFileBytes: 2000 };
const LONG = `snp/Milan/vcek/${"a".repeat(128)}/255-255-255-255-255.der`;

function contentsOf(archive: Uint8Array): Record<string, string> {
  return Object.fromEntries([...readTarFiles(archive, "archive", LIMITS)].map(([path, bytes]) => [path, text(bytes)]));
}

function rejection(archive: Uint8Array): string {
  return codeOf(() => readTarFiles(archive, "archive", LIMITS));
}

function tarFile(path: string, content = "x"): TarFile {
  return { path, content: new TextEncoder().encode(content) };
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const SAMPLE = encodeTar([tarFile("a.json", "{}"), tarFile(LONG, "y".repeat(512)), tarFile("b/empty", "")]);

describe("encodeTar()", () => {
  test("writes what other programs read", async () => {
    const seen: string[] = [];
    const reader = extract();
    reader.on("entry", ({ name, type, mode, uid, mtime }, stream, next) => {
      seen.push(`${name} ${type} ${mode?.toString(8)} ${uid} ${mtime?.getTime()}`);
      stream.on("end", next).resume();
    });
    const finished = new Promise<void>((resolve) => reader.on("finish", () => resolve()));
    reader.end(Buffer.from(SAMPLE));
    await finished;
    expect(seen).toEqual(["a.json file 644 0 0", `${LONG} file 644 0 0`, "b/empty file 644 0 0"]);
  });

  test("refuses names that the format cannot hold", () => {
    expect(codeOf(() => encodeTar([tarFile("a".repeat(101))]))).toBe("lib/tar-invalid");
    expect(codeOf(() => encodeTar([tarFile("")]))).toBe("lib/tar-invalid");
    expect(codeOf(() => encodeTar([tarFile("a\0b")]))).toBe("lib/tar-invalid");
  });
});

describe("readTarFiles()", () => {
  test("reads what encodeTar() writes, in order", () => {
    expect(contentsOf(SAMPLE)).toEqual({ "a.json": "{}", [LONG]: "y".repeat(512), "b/empty": "" });
    expect([...readTarFiles(SAMPLE, "archive", LIMITS).keys()]).toEqual(["a.json", LONG, "b/empty"]);
  });

  test("reads archives of other programs: directories, names with ./, zeros at the end", () => {
    const archive = writeTar([directory("./"), directory("./snp"), file("./snp/a", "A"), file("b", "B")]);
    expect(contentsOf(Buffer.concat([archive, new Uint8Array(10_240)]))).toEqual({ "snp/a": "A", b: "B" });
  });

  test.each(["../a", "/a", "a//b", "a/./b", "a/../b", "a\\b", "C:a", "a b", "", "ä"])("refuses the name %j", (name) => {
    expect(rejection(writeTar([file(name, "x")]))).toBe("lib/tar-invalid");
  });

  test("refuses names that are there twice, in whatever form", () => {
    expect(rejection(writeTar([file("a", "1"), file("a", "1")]))).toBe("lib/tar-invalid");
    expect(rejection(writeTar([file("a", "1"), file("./a", "1")]))).toBe("lib/tar-invalid");
    expect(rejection(writeTar([directory("a"), file("a", "1")]))).toBe("lib/tar-invalid");
  });

  test("refuses links and extended headers", () => {
    expect(rejection(writeTar([symlink("a", "b")]))).toBe("lib/tar-invalid");
    expect(rejection(writeTar([{ name: "a", content: "x", pax: { path: "b" } }]))).toBe("lib/tar-invalid");
  });

  test("refuses files with the name of a directory, directories with content", () => {
    expect(rejection(writeTar([{ name: "a/", type: "0", content: "x" }]))).toBe("lib/tar-invalid");
    const archive = writeTar([{ name: "a/", type: "5", content: "x" }]);
    expect(rejection(archive)).toBe("lib/tar-invalid");
    const withoutContent = Buffer.concat([archive.subarray(0, 512), archive.subarray(1024)]);
    expect(rejection(withoutContent)).toBe("lib/tar-invalid");
  });

  test("refuses too many and too large files", () => {
    const many = (count: number): Uint8Array => encodeTar(Array.from({ length: count }, (_, i) => tarFile(`f${i}`)));
    expect(rejection(many(10))).toStartWith("no error");
    expect(rejection(many(11))).toBe("lib/tar-invalid");
    expect(rejection(encodeTar([tarFile("a", "x".repeat(2000))]))).toStartWith("no error");
    expect(rejection(encodeTar([tarFile("a", "x".repeat(2001))]))).toBe("lib/tar-invalid");
  });

  test("refuses data in the padding, behind a single zero block and behind the end", () => {
    const changed = (offset: number): Uint8Array => {
      const copy = SAMPLE.slice();
      copy[offset] = 1;
      return copy;
    };
    expect(rejection(changed(512 + 2))).toBe("lib/tar-invalid");
    expect(rejection(changed(SAMPLE.length - 1))).toBe("lib/tar-invalid");
    expect(rejection(Buffer.concat([SAMPLE, Uint8Array.of(1)]))).toBe("lib/tar-invalid");
  });

  test("refuses every truncation", () => {
    for (let length = 0; length < SAMPLE.length; length++) {
      expect(rejection(SAMPLE.subarray(0, length))).toBe("lib/tar-invalid");
    }
  });

  test("refuses or reads, and never anything else, when bits of a header flip", () => {
    const bit = fc.integer({ min: 0, max: 512 * 8 - 1 });
    fc.assert(
      fc.property(bit, (index) => {
        const copy = flipBit(SAMPLE, index);
        // A flipped bit is found by the checksum, unless it stands for the same number.
        expect(["lib/tar-invalid", "no error, returned object"]).toContain(rejection(copy));
        withChecksum(copy.subarray(0, 512));
        expect(["lib/tar-invalid", "no error, returned object"]).toContain(rejection(copy));
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
