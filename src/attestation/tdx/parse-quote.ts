import { ContrastError } from "../../lib/errors.ts";
import { parseQeReport, QE_REPORT_SIZE } from "./parse-qe-report.ts";
import { parseQuoteHeader, QUOTE_HEADER_SIZE, sgxQuote, unsupported } from "./parse-quote-header.ts";
import { parseTdReport, TD_REPORT_SIZE } from "./parse-td-report.ts";
import type { QuoteHeader, TdReport, TdxQuote } from "./quote.ts";
import { QuoteReader } from "./quote-reader.ts";

/** Largest quote that is read, with what follows it, in bytes; real ones have about 5,000. */
export const MAX_QUOTE_SIZE = 64 * 1024;

const QE_REPORT_CERTIFICATION_DATA = 6;
const PCK_CERTIFICATE_CHAIN = 5;
const BODY_SGX = 1;
const BODY_TDX_10 = 2;
const BODY_TDX_15 = 3;

/**
 * Takes a TDX quote of version 4 or 5 apart; verifies nothing.
 *
 * Every size field must fit exactly. What follows the quote (padding of the buffer it was returned in) is kept as `extra`.
 *
 * @param bytes at most 64 KiB; copied
 * @throws ContrastError `tdx/quote-invalid`, `tdx/quote-is-sgx`, `tdx/quote-unsupported`
 * @see Intel TDX DCAP Quoting Library API, A.3 and A.4
 */
export function parseTdxQuote(bytes: Uint8Array): TdxQuote {
  if (bytes.length > MAX_QUOTE_SIZE) {
    throw new ContrastError(
      "tdx/quote-invalid",
      `Cannot read TDX quote: got ${bytes.length} bytes, limit ${MAX_QUOTE_SIZE}`,
    );
  }
  const copy = bytes.slice();
  const reader = new QuoteReader(copy);
  const header = parseQuoteHeader(reader.part(QUOTE_HEADER_SIZE, "quote header"));
  const body = parseBody(reader, header);
  const signedBytes = copy.subarray(0, reader.offset);
  const signatureData = parseSignatureData(reader.part(reader.u32("signature data size"), "signature data"));
  return { bytes: copy.subarray(0, reader.offset), header, body, signedBytes, ...signatureData, extra: reader.rest() };
}

/** Version 5 puts type (2 bytes) and size (4 bytes) before the body. */
function parseBody(reader: QuoteReader, header: QuoteHeader): TdReport {
  if (header.version === 4) return parseTdReport(reader.part(TD_REPORT_SIZE, "TD quote body"), false);
  const type = reader.u16("body type");
  const size = reader.u32("body size");
  if (type === BODY_SGX) throw sgxQuote(header.version);
  if (type !== BODY_TDX_10 && type !== BODY_TDX_15) throw unsupported("body type", type, "2 or 3");
  return parseTdReport(reader.part(size, "TD quote body"), type === BODY_TDX_15);
}

type SignatureData = Pick<
  TdxQuote,
  "signature" | "attestationKey" | "qeReport" | "qeReportSignature" | "qeAuthData" | "pckChainPem"
>;

/**
 *     offset  size  field
 *          0    64  quote signature
 *         64    64  attestation key
 *        128     2  certification data type, 6
 *        130     4  certification data size, all that is left
 */
function parseSignatureData(reader: QuoteReader): SignatureData {
  const signature = reader.take(64, "quote signature");
  const attestationKey = reader.take(64, "attestation key");
  requireType(reader.u16("certification data type"), QE_REPORT_CERTIFICATION_DATA);
  const certification = reader.part(reader.u32("certification data size"), "certification data");
  reader.end("signature data");
  return { signature, attestationKey, ...parseCertificationData(certification) };
}

/**
 *     offset  size  field
 *          0   384  QE report
 *        384    64  QE report signature
 *        448     2  QE auth data size a
 *        450     a  QE auth data
 *      450+a     2  inner certification data type, 5
 *      452+a     4  size of the PCK certificate chain, all that is left
 */
function parseCertificationData(
  reader: QuoteReader,
): Pick<TdxQuote, "qeReport" | "qeReportSignature" | "qeAuthData" | "pckChainPem"> {
  const qeReport = parseQeReport(reader.take(QE_REPORT_SIZE, "QE report"));
  const qeReportSignature = reader.take(64, "QE report signature");
  const qeAuthData = reader.take(reader.u16("QE auth data size"), "QE auth data");
  requireType(reader.u16("inner certification data type"), PCK_CERTIFICATE_CHAIN);
  const pckChainPem = reader.take(reader.u32("PCK certificate chain size"), "PCK certificate chain");
  reader.end("certification data");
  return { qeReport, qeReportSignature, qeAuthData, pckChainPem };
}

function requireType(actual: number, expected: number): void {
  if (actual !== expected) throw unsupported("certification data type", actual, String(expected));
}
