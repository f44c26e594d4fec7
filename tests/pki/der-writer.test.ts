import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { DER_TAG, DerReader } from "../../src/pki/der-reader.ts";
import {
  derBitString,
  derBoolean,
  derElement,
  derExplicit,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derSet,
  derText,
  derTime,
  derUtf8,
} from "../../src/pki/der-writer.ts";

const SEED = 20_261_123;
const read = (der: Uint8Array): DerReader => new DerReader(der, "test bytes");

describe("the DER writer", () => {
  test("writes what DerReader reads, for any integer, object identifier, text, time and length", () => {
    const arc = fc.integer({ min: 0, max: 2 ** 40 });
    const instant = fc.integer({ min: -631_152_000, max: 253_402_300_799 }).map((seconds) => new Date(seconds * 1000));
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
        fc.array(arc, { maxLength: 6 }),
        fc.string({ unit: "grapheme" }),
        instant,
        fc.uint8Array({ maxLength: 70_000, size: "max" }),
        fc.boolean(),
        (integer, arcs, text, time, bytes, flag) => {
          const oid = ["2", "999", ...arcs].join(".");
          const der = derSequence(
            derInteger(integer),
            derOid(oid),
            derUtf8(text),
            derText(text),
            derTime(time),
            derOctetString(bytes),
            derBitString(bytes),
            derBoolean(flag),
            derNull(),
            derExplicit(5, derInteger(1n)),
          );
          const reader = read(der).sequence();
          expect(reader.integer()).toBe(integer);
          expect(reader.oid()).toBe(oid);
          expect(reader.string()).toEqual({ tag: DER_TAG.utf8String, value: text });
          expect(reader.string().value).toBe(text);
          expect(reader.time()).toEqual(time);
          expect(reader.octetString()).toEqual(bytes);
          expect(reader.bitString()).toEqual(bytes);
          expect(reader.boolean()).toBe(flag);
          reader.null();
          expect(reader.explicit(5)?.integer()).toBe(1n);
          reader.end();
        },
      ),
      { seed: SEED, numRuns: 60 },
    );
  });

  test("writes each length in its shortest form", () => {
    for (const [length, head] of [
      [127, "047f"],
      [128, "048180"],
      [256, "04820100"],
      [65_536, "0483010000"],
    ] as const) {
      expect(derElement(0x04, new Uint8Array(length)).toHex().slice(0, head.length)).toBe(head);
    }
  });

  test("derSet() puts its elements in the order of their bytes", () => {
    const sorted = "3109020101020102020103";
    expect(derSet(derInteger(3n), derInteger(1n), derInteger(2n)).toHex()).toBe(sorted);
    expect(derSet(derOctetString(Uint8Array.of(1, 2)), derOctetString(Uint8Array.of(1))).toHex()).toBe(
      "310704010104020102",
    );
  });

  test("derText() writes PrintableString where the alphabet allows it", () => {
    expect(read(derText("Contrast")).string().tag).toBe(DER_TAG.printableString);
    expect(read(derText("a_b")).string().tag).toBe(DER_TAG.utf8String);
  });

  test("derTime() writes UTCTime from 1950 to 2049", () => {
    const tagOf = (iso: string): number | undefined => read(derTime(new Date(iso))).peekTag();
    expect(tagOf("1949-12-31T23:59:59Z")).toBe(DER_TAG.generalizedTime);
    expect(tagOf("1950-01-01")).toBe(DER_TAG.utcTime);
    expect(tagOf("2049-12-31T23:59:59Z")).toBe(DER_TAG.utcTime);
    expect(tagOf("2050-01-01")).toBe(DER_TAG.generalizedTime);
  });
});
