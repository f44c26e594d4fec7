import { describe, expect, test } from "bun:test";
import { DerReader } from "../../src/pki/der-reader.ts";
import { codeOf } from "../fakes/error-code.ts";

const reader = (hex: string): DerReader => new DerReader(Uint8Array.fromHex(hex), "test bytes");

function refused(read: (reader: DerReader) => unknown, hex: string): void {
  expect(codeOf(() => read(reader(hex)))).toBe("pki/der-invalid");
}

describe("DerReader", () => {
  test("reads element after element and knows when all is read", () => {
    const list = reader("3006020101040142").sequence();
    expect(list.peekTag()).toBe(0x02);
    expect(list.integer()).toBe(1n);
    expect(list.optional(0x05)).toBeUndefined();
    expect(list.isEmpty).toBe(false);
    expect(list.octetString()).toEqual(Uint8Array.of(0x42));
    expect(list.peekTag()).toBeUndefined();
    expect(list.isEmpty).toBe(true);
    list.end();
  });

  test("gives the whole element, its content and its position in the message", () => {
    const outer = reader("30050403010203");
    const { tag, der, content } = outer.sequence().next();
    expect(tag).toBe(0x04);
    expect(der.toHex()).toBe("0403010203");
    expect(content.toHex()).toBe("010203");
    expect(reader("30050403010203").sequence().der.toHex()).toBe("30050403010203");
    expect(codeOf(() => reader("3003020101").sequence().expect(0x04))).toBe("pki/der-invalid");
  });

  test("reads lengths of one to four bytes in their shortest form", () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const digits = length.toString(16);
      const even = digits.length % 2 === 0 ? digits : `0${digits}`;
      const head = length < 128 ? even : `${(0x80 + even.length / 2).toString(16)}${even}`;
      expect(reader(`04${head}${"00".repeat(length)}`).octetString().length).toBe(length);
    }
  });

  test.each([
    ["nothing", ""],
    ["a tag alone", "04"],
    ["content that is cut off", "040201"],
    ["a length that is cut off", "0482"],
    ["a length that is cut off in its middle", "048201"],
    ["an indefinite length", "0480420000"],
    ["a long form for a short length", "04810142"],
    ["a leading zero in a length", `04820080${"00".repeat(128)}`],
    ["a length of five bytes", "04850000000001"],
    ["a length of 4 GiB", "0484ffffffff00"],
    ["the reserved length", "04ff00"],
    ["a tag of several bytes", "1f810100"],
    ["a tag of several bytes that could pass for an element", "1f00"],
    ["a length of 126 bytes", `04fe01${"00".repeat(125)}`],
  ])("refuses %s", (_, hex) => refused((bytes) => bytes.next(), hex));

  test("does not read past the end of the element that it is in", () => {
    // Each inner element would be whole with the bytes that follow the outer one.
    for (const hex of ["30010400", "300204010000", "3002048101", `3003048200${"00".repeat(300)}`]) {
      refused((bytes) => bytes.sequence().next(), hex);
    }
  });

  test("refuses bytes after the last element", () => {
    refused((bytes) => bytes.end(), "00");
    refused((bytes) => (bytes.integer(), bytes.end()), "02010100");
  });

  test("refuses more than 16 levels", () => {
    const descend = (levels: number): string =>
      codeOf(() => {
        let hex = "";
        for (let level = 0; level < levels; level++) hex = `30${(hex.length / 2).toString(16).padStart(2, "0")}${hex}`;
        let inner = reader(hex);
        while (!inner.isEmpty) inner = inner.sequence();
      });
    expect(descend(16)).toStartWith("no error");
    expect(descend(17)).toBe("pki/der-invalid");
  });

  test.each([
    ["00", 0n],
    ["7f", 127n],
    ["0080", 128n],
    ["80", -128n],
    ["ff7f", -129n],
    ["ff", -1n],
    ["00ffffffffffffffff", 2n ** 64n - 1n],
  ])("integer() reads %s", (content, value) => {
    expect(reader(`02${(content.length / 2).toString(16).padStart(2, "0")}${content}`).integer()).toBe(value);
  });

  test.each(["0200", "02020001", "0202ff80", "020200", `02820401${"01".repeat(1025)}`, "0a0101"])(
    "integer() refuses what is not in its shortest form or too large (%#)",
    (hex) => refused((bytes) => bytes.integer(), hex),
  );

  test("smallInteger() and enumerated() have a range", () => {
    expect(reader("0201ff".replace("01ff", "0200ff")).smallInteger(255)).toBe(255);
    expect(reader("020100").smallInteger(0)).toBe(0);
    expect(reader("0a0103").enumerated(3)).toBe(3);
    refused((bytes) => bytes.smallInteger(255), "02020100");
    refused((bytes) => bytes.smallInteger(255), "0201ff");
    refused((bytes) => bytes.smallInteger(2 ** 53), "020701000000000000");
    refused((bytes) => bytes.enumerated(3), "020103");
  });

  test("unsignedBytes() leaves the sign byte out and has a longest form", () => {
    expect(reader("02020080").unsignedBytes(1).toHex()).toBe("80");
    expect(reader("020100").unsignedBytes(1).toHex()).toBe("00");
    refused((bytes) => bytes.unsignedBytes(4), "020180");
    refused((bytes) => bytes.unsignedBytes(1), "02020100");
    refused((bytes) => bytes.unsignedBytes(1), "0203010000");
  });

  test("boolean() takes 00 and FF only", () => {
    expect(reader("010100").boolean()).toBe(false);
    expect(reader("0101ff").boolean()).toBe(true);
    for (const hex of ["010101", "01017f", "0100", "0102ffff", "020100"]) refused((bytes) => bytes.boolean(), hex);
  });

  test("null() has no content", () => {
    reader("0500").null();
    refused((bytes) => bytes.null(), "050100");
  });

  test("bitString() takes whole bytes only", () => {
    expect(reader("0303000102").bitString().toHex()).toBe("0102");
    expect(reader("030100").bitString().length).toBe(0);
    for (const hex of ["0300", "03020180", "030208ff"]) refused((bytes) => bytes.bitString(), hex);
  });

  test("namedBits() gives the numbers of the bits", () => {
    expect(reader("03020106").namedBits()).toEqual([5, 6]);
    expect(reader("0303070080").namedBits()).toEqual([8]);
    expect(reader("03020004").namedBits()).toEqual([5]);
    expect(reader("030100").namedBits()).toEqual([]);
    for (const hex of ["0300", "030101", "03020107", "03020800", "03020900", "0306000000000001"]) {
      refused((bytes) => bytes.namedBits(), hex);
    }
  });

  test.each([
    ["550403", "2.5.4.3"],
    ["2a8648ce3d040302", "1.2.840.10045.4.3.2"],
    ["2b06010401bd4901", "1.3.6.1.4.1.7881.1"],
    ["883703", "2.999.3"],
    ["00", "0.0"],
    ["8fffffffffffff7f", "2.9007199254740911"],
  ])("oid() reads %s", (content, oid) => {
    expect(reader(`06${(content.length / 2).toString(16).padStart(2, "0")}${content}`).oid()).toBe(oid);
  });

  test("oid() tells identifiers apart that differ in one byte or in length, read before or not", () => {
    const arcs = Array.from({ length: 20 }, (_, index) => index + 1);
    const contents = arcs.flatMap((size) => [1, 2].map((last) => [...Array<number>(size - 1).fill(1), last]));
    for (const _ of ["new", "known"]) {
      for (const content of contents) {
        const [first = 0, ...others] = content;
        const element = Uint8Array.of(6, content.length, ...content);
        expect(new DerReader(element, "oid").oid()).toBe([0, first, ...others].join("."));
      }
    }
  });

  test.each([
    "0600",
    "060180",
    "06025580",
    "0603558003",
    "0603550480",
    "060a55ffffffffffffffff7f",
    `0641${"01".repeat(65)}`,
  ])("oid() refuses what is not in its shortest form or too large (%#)", (hex) => refused((bytes) => bytes.oid(), hex));

  test("string() keeps the tag and checks the alphabet", () => {
    expect(reader("0c03c3a961").string()).toEqual({ tag: 0x0c, value: "éa" });
    expect(reader("130361203d").string()).toEqual({ tag: 0x13, value: "a =" });
    expect(reader("16026140").string()).toEqual({ tag: 0x16, value: "a@" });
    // Overlong UTF-8, a lone surrogate, an underscore, a byte beyond ASCII, other tags.
    for (const hex of ["0c02c080", "0c03eda080", "13015f", "130180", "1601e9", "140161", "1e020061", "020101"]) {
      refused((bytes) => bytes.string(), hex);
    }
  });

  const time = (tag: string, text: string): string =>
    `${tag}${text.length.toString(16).padStart(2, "0")}${Buffer.from(text).toHex()}`;

  test.each([
    ["17", "490101000000Z", "2049-01-01T00:00:00.000Z"],
    ["17", "500101000000Z", "1950-01-01T00:00:00.000Z"],
    ["17", "240229235959Z", "2024-02-29T23:59:59.000Z"],
    ["18", "20500101000000Z", "2050-01-01T00:00:00.000Z"],
    ["18", "99991231235959Z", "9999-12-31T23:59:59.000Z"],
  ])("time() reads %s %s", (tag, text, iso) => {
    expect(reader(time(tag, text)).time().toISOString()).toBe(iso);
  });

  test.each([
    ["17", "2401010000Z"],
    ["17", "240101000000"],
    ["17", "240101000000+0000"],
    ["17", "230229000000Z"],
    ["17", "240431000000Z"],
    ["17", "241301000000Z"],
    ["17", "240100000000Z"],
    ["17", "240101240000Z"],
    ["17", "240101006000Z"],
    ["17", "240101000060Z"],
    ["17", "20240101000000Z"],
    ["17", " 40101000000Z"],
    ["18", "240101000000Z"],
    ["18", "20240101000000.5Z"],
    ["18", "2024010100Z"],
    ["18", "20240101000000"],
    ["04", "240101000000Z"],
  ])("time() refuses %s %s", (tag, text) => refused((bytes) => bytes.time(), time(tag, text)));

  test("explicit() and set() open what they name", () => {
    expect(reader("a203020107").explicit(2)?.integer()).toBe(7n);
    expect(reader("a203020107").explicit(1)).toBeUndefined();
    expect(reader("3103020107").set().integer()).toBe(7n);
    refused((bytes) => bytes.set(), "3003020107");
    refused((bytes) => bytes.sequence(), "3103020107");
  });
});
