import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeTdxAttestation, parseTdxAttestation } from "../../../src/attestation/tdx/tdx-attestation.ts";
import { tdxEvidenceFromQuote } from "../../../src/attestation/tdx/tdx-evidence.ts";
import { type QuoteV4, QuoteV4Schema } from "../../../src/proto/tdx_pb.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";
import { vectorsFolder } from "../../fakes/vectors.ts";

const platform = createIntelPlatform();
const message = platform.attestation(new Uint8Array(64));
const tdx = vectorsFolder("tdx");
const atls = vectorsFolder("atls");

describe("parseTdxAttestation()", () => {
  test.skipIf(tdx === undefined || atls === undefined).each(["v4-a", "v4-b"])(
    "reads and writes evidence as others do: %s",
    (name) => {
      const extension = new Uint8Array(readFileSync(join(atls!, `tdx-${name}.pb`)));
      const raw = new Uint8Array(readFileSync(join(tdx!, `${name}.quote.bin`)));
      const { bytes, extra } = parseTdxAttestation(extension).quote;
      expect(Buffer.concat([bytes, extra])).toEqual(Buffer.from(raw));
      expect(encodeTdxAttestation(tdxEvidenceFromQuote(raw))).toEqual(extension);
    },
  );

  test.skipIf(tdx === undefined)("reads what it wrote of every real quote of version 4", () => {
    for (const name of ["v4-a", "v4-b", "v4-c", "v4-d"]) {
      const evidence = tdxEvidenceFromQuote(readFileSync(join(tdx!, `${name}.quote.bin`)));
      expect(parseTdxAttestation(encodeTdxAttestation(evidence)).quote).toEqual(evidence.quote);
    }
  });

  test("refuses version 5, which the message has no room for", () => {
    expect(codeOf(() => encodeTdxAttestation(tdxEvidenceFromQuote(platform.quote({ version: 5 }))))).toBe(
      "tdx/quote-unsupported",
    );
    const changed = changedMessage((quote) => (quote.header!.version = 5));
    expect(codeOf(() => parseTdxAttestation(changed))).toBe("tdx/quote-unsupported");
    // The first bytes of the body in the place of type and size.
    const disguised = changedMessage((quote) => {
      quote.header!.version = 5;
      quote.tdQuoteBody!.teeTcbSvn = Uint8Array.of(2, 0, 0x48, 2, ...new Uint8Array(12));
    });
    expect(codeOf(() => parseTdxAttestation(disguised))).toBe("tdx/quote-unsupported");
  });

  test.each([
    ["no header", (quote: QuoteV4) => delete quote.header],
    ["no body", (quote: QuoteV4) => delete quote.tdQuoteBody],
    ["no signed data", (quote: QuoteV4) => delete quote.signedData],
    ["no certification data", (quote: QuoteV4) => delete quote.signedData!.certificationData],
    [
      "no report of the QE in it",
      (quote: QuoteV4) => delete quote.signedData!.certificationData!.qeReportCertificationData,
    ],
    ["no report of the QE", (quote: QuoteV4) => delete innerOf(quote).qeReport],
    ["no auth data", (quote: QuoteV4) => delete innerOf(quote).qeAuthData],
    ["no certificates", (quote: QuoteV4) => delete innerOf(quote).pckCertificateChainData],
    ["more than the limit behind it", (quote: QuoteV4) => (quote.extraBytes = new Uint8Array(66 * 1024))],
    ["three RTMRs", (quote: QuoteV4) => quote.tdQuoteBody!.rtmrs.pop()],
    ["five RTMRs", (quote: QuoteV4) => quote.tdQuoteBody!.rtmrs.push(new Uint8Array(48))],
    ["a short MR_TD", (quote: QuoteV4) => (quote.tdQuoteBody!.mrTd = new Uint8Array(47))],
    ["a long REPORT_DATA", (quote: QuoteV4) => (quote.tdQuoteBody!.reportData = new Uint8Array(65))],
    ["a version that does not fit its two bytes", (quote: QuoteV4) => (quote.header!.version = 0x10004)],
    ["a key type that does not fit its two bytes", (quote: QuoteV4) => (quote.header!.attestationKeyType = 0x10002)],
    ["an ISV_SVN that does not fit", (quote: QuoteV4) => (innerOf(quote).qeReport!.isvSvn = 0x10006)],
    ["a wrong size of auth data", (quote: QuoteV4) => (innerOf(quote).qeAuthData!.parsedDataSize = 31)],
    ["a wrong size of the chain", (quote: QuoteV4) => (innerOf(quote).pckCertificateChainData!.size -= 1)],
  ])("refuses %s", (_, change) => {
    expect(codeOf(() => parseTdxAttestation(changedMessage(change)))).toBe("tdx/evidence-invalid");
  });

  test.each([
    ["signed data", (quote: QuoteV4) => (quote.signedDataSize += 1)],
    ["certification data", (quote: QuoteV4) => (quote.signedData!.certificationData!.size -= 1)],
  ])("refuses a wrong size of %s", (_, change) => {
    expect(codeOf(() => parseTdxAttestation(changedMessage(change)))).toBe("tdx/quote-invalid");
  });

  test("refuses messages beyond the limit, empty ones and garbage", () => {
    expect(codeOf(() => parseTdxAttestation(new Uint8Array(80_000)))).toBe("tdx/evidence-invalid");
    expect(codeOf(() => parseTdxAttestation(new Uint8Array(0)))).toBe("tdx/evidence-invalid");
    expect(codeOf(() => parseTdxAttestation(Uint8Array.of(0xff, 0xff)))).toBe("tdx/evidence-invalid");
  });

  test("refuses a message that is cut off anywhere", () => {
    // Behind the last field a cut leaves a whole message without padding.
    const codes = new Set<string>();
    for (let length = 0; length < message.length; length++) {
      codes.add(codeOf(() => parseTdxAttestation(message.subarray(0, length))));
    }
    expect([...codes].filter((code) => !code.startsWith("tdx/"))).toEqual([]);
  });
});

describe("tdxEvidenceFromQuote()", () => {
  const [pck = "", intermediate = "", root = ""] = new TextDecoder()
    .decode(tdxEvidenceFromQuote(platform.quote()).quote.pckChainPem)
    .match(/-----BEGIN[^]*?END CERTIFICATE-----\n/g)!;

  test.each([
    ["nothing", ""],
    ["one zero byte", "\0"],
    ["line breaks", "\r\n\n"],
    ["line breaks and a zero byte", "\n\0"],
  ])("takes a chain that ends in %s", (_, tail) => {
    const pckChainPem = (pck + intermediate + root).trimEnd() + tail;
    const { chain } = tdxEvidenceFromQuote(platform.quote({ pckChainPem }));
    expect(chain.root.der).toEqual(platform.root.der);
  });

  test("reads what the PCK certificate states", () => {
    expect(tdxEvidenceFromQuote(platform.quote()).platform).toEqual({
      ppid: "00112233445566778899aabbccddeeff",
      sgxComponents: [3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0],
      pceSvn: 13,
      cpuSvn: "03030202040100050000000000000000",
      pceId: "0000",
      fmspc: "90c06f000000",
      sgxType: "scalable",
      platformInstanceId: "ffeeddccbbaa99887766554433221100",
      configuration: { dynamicPlatform: true, cachedKeys: false, smtEnabled: true },
    });
  });

  test.each([
    ["two certificates", pck + intermediate],
    ["four certificates", pck + intermediate + root + root],
    ["text before", `x${pck}${intermediate}${root}`],
    ["text between", `${pck}x\n${intermediate}${root}`],
    ["text behind", `${pck}${intermediate}${root}x`],
    ["two zero bytes", `${pck}${intermediate}${root}\0\0`],
    ["a zero byte before a line break", `${pck}${intermediate}${root}\0\n`],
    ["a damaged certificate", pck + intermediate.replace("MII", "MIJ") + root],
    ["another kind of block", pck + intermediate + root.replaceAll("CERTIFICATE", "PRIVATE KEY")],
  ])("refuses a chain of %s", (_, pckChainPem) => {
    expect(codeOf(() => tdxEvidenceFromQuote(platform.quote({ pckChainPem })))).toBe("tdx/pck-chain-invalid");
  });
});

function innerOf(
  quote: QuoteV4,
): NonNullable<NonNullable<NonNullable<QuoteV4["signedData"]>["certificationData"]>["qeReportCertificationData"]> &
  object {
  return quote.signedData!.certificationData!.qeReportCertificationData!;
}

function changedMessage(change: (quote: QuoteV4) => unknown): Uint8Array {
  const quote = create(QuoteV4Schema, fromBinary(QuoteV4Schema, message));
  change(quote);
  return toBinary(QuoteV4Schema, quote);
}
