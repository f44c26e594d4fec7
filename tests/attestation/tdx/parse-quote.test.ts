import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MAX_QUOTE_SIZE, parseTdxQuote } from "../../../src/attestation/tdx/parse-quote.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";
import { vectorsFolder } from "../../fakes/vectors.ts";

const platform = createIntelPlatform();
const v4 = platform.quote();
const v5 = platform.quote({ version: 5 });
const folder = vectorsFolder("tdx");

describe("parseTdxQuote()", () => {
  test.skipIf(folder === undefined)("reads the fields of real quotes", () => {
    const expected = JSON.parse(readFileSync(join(folder!, "expected-fields.json"), "utf8")) as Record<string, Fields>;
    for (const [name, fields] of Object.entries(expected)) {
      if (name === "sgx-v3") continue;
      const bytes = readFileSync(join(folder!, `${name}.quote.bin`));
      const { header, body, qeReport, ...quote } = parseTdxQuote(bytes);
      expect({
        version: header.version,
        attestationKeyType: header.attestationKeyType,
        teeType: `0x${header.teeType.toString(16)}`,
        qeVendorId: header.qeVendorId.toHex(),
        userData: header.userData.toHex(),
        signature: quote.signature.toHex(),
        attestationKey: quote.attestationKey.toHex(),
        trailingBytes: quote.extra.length,
        qeReportSignature: quote.qeReportSignature.toHex(),
        qeAuthDataSize: quote.qeAuthData.length,
        innerCertDataSize: quote.pckChainPem.length,
      }).toEqual(pick(fields) as never);
      const bodyFields = Object.entries(fields.body).filter(([key]) => key !== "rtmrs");
      for (const [key, value] of bodyFields) expect([key, fieldOf(body, key)]).toEqual([key, value]);
      expect([fields.body["rtmrs"]]).toEqual([body.rtmrs.map((rtmr) => rtmr.toHex())]);
      expect(qeReport).toMatchObject({
        miscSelect: fields.qeReport["miscSelect"],
        isvProdId: fields.qeReport["isvProdId"],
        isvSvn: fields.qeReport["isvSvn"],
      });
      for (const key of ["cpuSvn", "attributes", "mrEnclave", "mrSigner", "reportData"] as const) {
        expect([fields.qeReport[key]]).toEqual([qeReport[key].toHex()]);
      }
    }
  });

  test.skipIf(folder === undefined)("refuses a real SGX quote", () => {
    expect(codeOf(() => parseTdxQuote(readFileSync(join(folder!, "sgx-v3.quote.bin"))))).toBe("tdx/quote-is-sgx");
  });

  test("keeps what follows the quote, and does not keep the caller's memory", () => {
    const bytes = platform.quote({ extra: Uint8Array.of(1, 2, 3) });
    const quote = parseTdxQuote(bytes);
    bytes.fill(0);
    expect(quote.extra).toEqual(Uint8Array.of(1, 2, 3));
    expect(quote.header.version).toBe(4);
  });

  test.each([
    ["version 3", { version: 3 }, "tdx/quote-unsupported"],
    ["version 3 of SGX", { version: 3, teeType: 0 }, "tdx/quote-is-sgx"],
    ["version 4 of SGX", { teeType: 0 }, "tdx/quote-is-sgx"],
    ["version 5 with a body of SGX", { version: 5, bodyType: 1 }, "tdx/quote-is-sgx"],
    ["version 5 with an unknown body", { version: 5, bodyType: 4 }, "tdx/quote-unsupported"],
    ["version 6", { version: 6 }, "tdx/quote-unsupported"],
    ["another TEE type", { teeType: 0x82 }, "tdx/quote-unsupported"],
    ["a P-384 key", { attestationKeyType: 3 }, "tdx/quote-unsupported"],
    ["certification data of type 5 outside", { certificationDataType: 5 }, "tdx/quote-unsupported"],
    ["certification data of type 3 inside", { innerCertificationDataType: 3 }, "tdx/quote-unsupported"],
  ])("refuses %s", (_, fields, code) => {
    expect(codeOf(() => parseTdxQuote(platform.quote(fields)))).toBe(code);
  });

  test.each([3, 6])("refuses version %d in the form of version 5", (version) => {
    const changed = v5.slice();
    changed[0] = version;
    expect(codeOf(() => parseTdxQuote(changed))).toBe("tdx/quote-unsupported");
  });

  test("refuses a quote beyond the limit", () => {
    const large = new Uint8Array(MAX_QUOTE_SIZE + 1);
    large.set(v4);
    expect(codeOf(() => parseTdxQuote(large))).toBe("tdx/quote-invalid");
    expect(parseTdxQuote(large.subarray(0, MAX_QUOTE_SIZE)).header.version).toBe(4);
  });

  test.each([
    ["4", v4],
    ["5", v5],
  ])("refuses a quote of version %s that is cut off anywhere", (_, bytes) => {
    const codes = new Set<string>();
    for (let length = 0; length < bytes.length; length++)
      codes.add(codeOf(() => parseTdxQuote(bytes.subarray(0, length))));
    expect([...codes]).toEqual(["tdx/quote-invalid"]);
  });

  const v4Body = 48 + 584;
  const v5Body = 48 + 6 + 648;
  const authOffset = 4 + 128 + 6 + 384 + 64;
  test.each([
    ["signature data size", v4, v4Body, 4],
    ["certification data size", v4, v4Body + 4 + 130, 4],
    ["QE auth data size", v4, v4Body + authOffset, 2],
    ["PCK certificate chain size", v4, v4Body + authOffset + 2 + 32 + 2, 4],
    ["body size of version 5", v5, 50, 4],
    ["signature data size of version 5", v5, v5Body, 4],
  ] as const)("refuses every other %s", (_, bytes, offset, size) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const actual = size === 2 ? view.getUint16(offset, true) : view.getUint32(offset, true);
    const wrong = [0, 1, actual - 1, actual + 1, actual + 2, actual * 2, 0x7fff, 0xffff, 2 ** 31, 2 ** 32 - 1];
    for (const value of wrong.filter((value) => value !== actual && value < 2 ** (8 * size))) {
      const changed = bytes.slice();
      const changedView = new DataView(changed.buffer);
      if (size === 2) changedView.setUint16(offset, value, true);
      else changedView.setUint32(offset, value, true);
      expect([value, codeOf(() => parseTdxQuote(changed))]).toEqual([
        value,
        expect.stringMatching(/^tdx\/quote-(invalid|unsupported)$/),
      ]);
    }
  });
});

/** As the vectors' file has them. */
interface Fields extends Record<string, unknown> {
  readonly body: Record<string, unknown>;
  readonly qeReport: Record<string, unknown>;
}

function pick(fields: Record<string, unknown>): Record<string, unknown> {
  const names = [
    "version",
    "attestationKeyType",
    "teeType",
    "qeVendorId",
    "userData",
    "signature",
    "attestationKey",
    "trailingBytes",
    "qeReportSignature",
    "qeAuthDataSize",
    "innerCertDataSize",
  ];
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}

function fieldOf(body: ReturnType<typeof parseTdxQuote>["body"], key: string): unknown {
  const all: Record<string, unknown> = { ...body, ...body.tdx15 };
  const value = all[key];
  return value instanceof Uint8Array ? value.toHex() : value;
}
