import { describe, expect, test } from "bun:test";
import { TlsReader } from "../../../src/attestation/atls/tls-reader.ts";
import { codeOf } from "../../fakes/error-code.ts";

const BYTES = Uint8Array.of(1, 2, 3, 0, 2, 9, 8);

describe("TlsReader", () => {
  test("reads numbers, bytes and vectors in order", () => {
    const reader = new TlsReader(BYTES, "test");
    expect(reader.number(3)).toBe(0x010203);
    expect(reader.vector(2)).toEqual(Uint8Array.of(9, 8));
    expect(reader.isEmpty).toBe(true);
    reader.end();
  });

  test("reads no bytes where none are left", () => {
    const reader = new TlsReader(new Uint8Array(), "test");
    expect(reader.bytes(0).length).toBe(0);
  });

  test.each([
    ["a number", (reader: TlsReader) => reader.number(3), 2],
    ["bytes", (reader: TlsReader) => reader.bytes(4), 3],
    ["the length of a vector", (reader: TlsReader) => reader.vector(2), 1],
    ["a vector", (reader: TlsReader) => reader.vector(1), 1],
  ] as const)("refuses to read %s beyond the end", (_name, read, length) => {
    expect(codeOf(() => read(new TlsReader(BYTES.subarray(0, length), "test")))).toBe("atls/handshake-invalid");
  });

  test("refuses what is left over", () => {
    expect(codeOf(() => new TlsReader(BYTES, "test").end())).toBe("atls/handshake-invalid");
  });
});
