import { describe, expect, test } from "bun:test";
import { parseCertificateTable } from "../../../src/attestation/issue/certificate-table.ts";
import { certificateTable, type TableEntry } from "../../fakes/certificate-table.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { bitFlips, seededRandom, truncations } from "../../fakes/mutations.ts";

const CODE = "issuer/certificates-malformed";
const content = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill);
const ALL: readonly TableEntry[] = [
  { guid: "vcek", content: content(30, 1) },
  { guid: "vlek", content: content(31, 2) },
  { guid: "ask", content: content(32, 3) },
  { guid: "ark", content: content(33, 4) },
];

const HOSTILE: readonly (readonly [string, readonly TableEntry[]])[] = [
  ["an offset within the list", [{ guid: "vcek", content: content(30), offset: 47 }]],
  ["an offset at the start", [{ guid: "vcek", content: content(30), offset: 0 }]],
  ["an end behind the table", [{ guid: "vcek", content: content(30), length: 31 }]],
  ["an offset behind the table", [{ guid: "vcek", content: content(30), offset: 79 }]],
  ["numbers whose sum exceeds 32 bits", [{ guid: "vcek", content: content(30), offset: 0xffff_fff0, length: 0x20 }]],
  ["an entry of another kind outside of the table", [{ guid: "platformInfo", content: content(8), length: 9 }]],
  ["an empty certificate", [{ guid: "vcek", content: content(0) }]],
  ["a certificate larger than any", [{ guid: "vcek", content: content(16 * 1024 + 1) }]],
  ["a certificate twice", [ALL[0]!, ALL[0]!]],
  [
    "more entries than any host has",
    Array.from({ length: 33 }, () => ({ guid: "11".repeat(16), content: content(1) })),
  ],
];

describe("parseCertificateTable()", () => {
  test("finds each certificate under its GUID, and skips what else is there", () => {
    const table = certificateTable([
      { guid: "platformInfo", content: Uint8Array.of(8, 0, 0, 0, 0x11, 0x0f, 0xa0, 0) },
      ...ALL,
      { guid: "00".repeat(15) + "01", content: content(0) },
    ]);
    expect(parseCertificateTable(table)).toEqual({
      vcek: content(30, 1),
      vlek: content(31, 2),
      ask: content(32, 3),
      ark: content(33, 4),
    });
  });

  test("reads no bytes as an empty table, as it reads a list without entries", () => {
    expect(parseCertificateTable(new Uint8Array())).toEqual({});
    expect(parseCertificateTable(certificateTable([]))).toEqual({});
    expect(parseCertificateTable(new Uint8Array(4096))).toEqual({});
  });

  test("copies, and reads a part of a larger buffer", () => {
    const table = certificateTable(ALL);
    const buffer = new Uint8Array(table.length + 100);
    buffer.set(table, 50);
    const { vcek } = parseCertificateTable(buffer.subarray(50, 50 + table.length));
    buffer.fill(0);
    expect(vcek).toEqual(content(30, 1));
  });

  test("takes contents in any order, with gaps, shared, and with padding behind them", () => {
    const table = certificateTable([
      { guid: "vcek", content: content(64, 5), offset: 100, length: 10 },
      { guid: "ask", content: content(64, 5), offset: 80, length: 30 },
    ]);
    expect(parseCertificateTable(table)).toEqual({ vcek: content(10, 5), ask: content(30, 5) });
  });

  test.each(HOSTILE)("refuses %s", (_, entries) => {
    expect(codeOf(() => parseCertificateTable(certificateTable(entries)))).toBe(CODE);
  });

  test("takes what is just within the limits", () => {
    const largest = certificateTable([{ guid: "vcek", content: content(16 * 1024) }]);
    expect(parseCertificateTable(largest).vcek?.length).toBe(16 * 1024);
    const many = Array.from({ length: 32 }, () => ({ guid: "11".repeat(16), content: content(1) }));
    expect(parseCertificateTable(certificateTable(many))).toEqual({});
    expect(parseCertificateTable(new Uint8Array(256 * 1024))).toEqual({});
  });

  test("refuses a list without end, and more bytes than it looks at", () => {
    expect(codeOf(() => parseCertificateTable(certificateTable(ALL, false).subarray(0, 96)))).toBe(CODE);
    expect(codeOf(() => parseCertificateTable(new Uint8Array(256 * 1024 + 1)))).toBe(CODE);
  });

  test("refuses every truncation", () => {
    for (const bytes of truncations(certificateTable(ALL))) {
      if (bytes.length > 0)
        expect([bytes.length, codeOf(() => parseCertificateTable(bytes))]).toEqual([bytes.length, CODE]);
    }
  });

  test("gives for every flipped bit a table or its own error", () => {
    for (const { flipped } of bitFlips(certificateTable(ALL))) {
      expect(["no error, returned object", CODE]).toContain(codeOf(() => parseCertificateTable(flipped)));
    }
  });

  test("gives for any bytes a table within them or its own error", () => {
    const random = seededRandom(20_260_116);
    for (let round = 0; round < 2000; round++) {
      const bytes = certificateTable(ALL);
      for (let changes = 1 + random(6); changes > 0; changes--) bytes[random(bytes.length)] = random(256);
      try {
        for (const part of Object.values(parseCertificateTable(bytes))) {
          const found = Buffer.from(bytes).includes(Buffer.from(part as Uint8Array));
          expect([round, found]).toEqual([round, true]);
        }
      } catch (error) {
        expect([round, (error as { code?: string }).code]).toEqual([round, CODE]);
      }
    }
  });
});
