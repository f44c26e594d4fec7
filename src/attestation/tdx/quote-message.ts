import { create, toBinary } from "@bufbuild/protobuf";
import { ContrastError } from "../../lib/errors.ts";
import { readMessage } from "../../proto/read-message.ts";
import { type QuoteV4, QuoteV4Schema } from "../../proto/tdx_pb.ts";
import { MAX_QUOTE_SIZE, parseTdxQuote } from "./parse-quote.ts";
import { unsupported } from "./parse-quote-header.ts";
import type { TdxQuote } from "./quote.ts";
import { QuoteReader } from "./quote-reader.ts";

/** Field numbers and lengths add a little to each of the about 60 fields. */
const MAX_MESSAGE_SIZE = MAX_QUOTE_SIZE + 1024;

/**
 * Reads a quote from the message `tdx.QuoteV4`, by rebuilding its bytes and reading those.
 *
 * @param bytes at most 65 KiB; fields that the message does not define are ignored
 * @throws ContrastError `tdx/evidence-invalid` for a message that cannot be decoded or whose fields have other sizes; and
 *   what `parseTdxQuote` throws
 * @see google/go-tdx-guest proto/tdx.proto
 */
export function quoteFromMessage(bytes: Uint8Array): TdxQuote {
  if (bytes.length > MAX_MESSAGE_SIZE) throw invalid(`got ${bytes.length} bytes, limit ${MAX_MESSAGE_SIZE}`);
  const message = decode(bytes);
  const version = message.header?.version;
  if (version === 5) throw noRoomForVersion5();
  return parseTdxQuote(quoteBytesOf(message));
}

/**
 * Writes a quote of version 4 as message `tdx.QuoteV4`.
 *
 * @throws ContrastError `tdx/quote-unsupported` for version 5, which the message has no room for
 */
export function messageFromQuote(quote: TdxQuote): Uint8Array {
  if (quote.header.version !== 4) throw noRoomForVersion5();
  return toBinary(QuoteV4Schema, messageOf(quote));
}

function decode(bytes: Uint8Array): QuoteV4 {
  try {
    return readMessage(QuoteV4Schema, bytes);
  } catch (error) {
    throw new ContrastError("tdx/evidence-invalid", "Cannot read TDX evidence: not a message tdx.QuoteV4", {
      cause: error,
    });
  }
}

/** The bytes as the hardware's service returned them; size fields are written as the message states them. */
function quoteBytesOf({ signedDataSize, extraBytes, ...message }: QuoteV4): Uint8Array {
  const header = required(message.header, "header");
  const body = required(message.tdQuoteBody, "td_quote_body");
  const signedData = required(message.signedData, "signed_data");
  const certification = required(signedData.certificationData, "certification_data");
  const inner = required(certification.qeReportCertificationData, "qe_report_certification_data");
  const report = required(inner.qeReport, "qe_report");
  const auth = required(inner.qeAuthData, "qe_auth_data");
  const chain = required(inner.pckCertificateChainData, "pck_certificate_chain_data");
  if (body.rtmrs.length !== 4) throw invalid(`got ${body.rtmrs.length} rtmrs, need 4`);
  return Buffer.concat([
    u16(header.version, "version"),
    u16(header.attestationKeyType, "attestation_key_type"),
    u32(header.teeType),
    sized(header.pceSvn, 2, "pce_svn"),
    sized(header.qeSvn, 2, "qe_svn"),
    sized(header.qeVendorId, 16, "qe_vendor_id"),
    sized(header.userData, 20, "user_data"),
    sized(body.teeTcbSvn, 16, "tee_tcb_svn"),
    sized(body.mrSeam, 48, "mr_seam"),
    sized(body.mrSignerSeam, 48, "mr_signer_seam"),
    sized(body.seamAttributes, 8, "seam_attributes"),
    sized(body.tdAttributes, 8, "td_attributes"),
    sized(body.xfam, 8, "xfam"),
    sized(body.mrTd, 48, "mr_td"),
    sized(body.mrConfigId, 48, "mr_config_id"),
    sized(body.mrOwner, 48, "mr_owner"),
    sized(body.mrOwnerConfig, 48, "mr_owner_config"),
    ...body.rtmrs.map((rtmr) => sized(rtmr, 48, "rtmrs")),
    sized(body.reportData, 64, "report_data"),
    u32(signedDataSize),
    sized(signedData.signature, 64, "signature"),
    sized(signedData.ecdsaAttestationKey, 64, "ecdsa_attestation_key"),
    u16(certification.certificateDataType, "certificate_data_type"),
    u32(certification.size),
    sized(report.cpuSvn, 16, "cpu_svn"),
    u32(report.miscSelect),
    sized(report.reserved1, 28, "reserved1"),
    sized(report.attributes, 16, "attributes"),
    sized(report.mrEnclave, 32, "mr_enclave"),
    sized(report.reserved2, 32, "reserved2"),
    sized(report.mrSigner, 32, "mr_signer"),
    sized(report.reserved3, 96, "reserved3"),
    u16(report.isvProdId, "isv_prod_id"),
    u16(report.isvSvn, "isv_svn"),
    sized(report.reserved4, 60, "reserved4"),
    sized(report.reportData, 64, "report_data"),
    sized(inner.qeReportSignature, 64, "qe_report_signature"),
    u16(auth.parsedDataSize, "parsed_data_size"),
    sized(auth.data, auth.parsedDataSize, "qe_auth_data"),
    u16(chain.certificateDataType, "certificate_data_type"),
    u32(chain.size),
    sized(chain.pckCertChain, chain.size, "pck_cert_chain"),
    extraBytes,
  ]);
}

function messageOf(quote: TdxQuote): QuoteV4 {
  const { header, body, qeReport } = quote;
  const reserved = new QuoteReader(qeReport.bytes);
  const rangeAt = (offset: number, size: number): Uint8Array => {
    reserved.take(offset - reserved.offset, "QE report");
    return reserved.take(size, "QE report");
  };
  const certificationSize = qeReport.bytes.length + 64 + 2 + quote.qeAuthData.length + 2 + 4 + quote.pckChainPem.length;
  return create(QuoteV4Schema, {
    header: {
      version: header.version,
      attestationKeyType: header.attestationKeyType,
      teeType: header.teeType,
      qeSvn: u16(header.qeSvn, "qe_svn"),
      pceSvn: u16(header.pceSvn, "pce_svn"),
      qeVendorId: header.qeVendorId,
      userData: header.userData,
    },
    tdQuoteBody: {
      teeTcbSvn: body.teeTcbSvn,
      mrSeam: body.mrSeam,
      mrSignerSeam: body.mrSignerSeam,
      seamAttributes: body.seamAttributes,
      tdAttributes: body.tdAttributes,
      xfam: body.xfam,
      mrTd: body.mrTd,
      mrConfigId: body.mrConfigId,
      mrOwner: body.mrOwner,
      mrOwnerConfig: body.mrOwnerConfig,
      rtmrs: [...body.rtmrs],
      reportData: body.reportData,
    },
    signedDataSize: quote.bytes.length - quote.signedBytes.length - 4,
    signedData: {
      signature: quote.signature,
      ecdsaAttestationKey: quote.attestationKey,
      certificationData: {
        certificateDataType: 6,
        size: certificationSize,
        qeReportCertificationData: {
          qeReport: {
            cpuSvn: qeReport.cpuSvn,
            miscSelect: qeReport.miscSelect,
            reserved1: rangeAt(0x14, 28),
            attributes: qeReport.attributes,
            mrEnclave: qeReport.mrEnclave,
            reserved2: rangeAt(0x60, 32),
            mrSigner: qeReport.mrSigner,
            reserved3: rangeAt(0xa0, 96),
            isvProdId: qeReport.isvProdId,
            isvSvn: qeReport.isvSvn,
            reserved4: rangeAt(0x104, 60),
            reportData: qeReport.reportData,
          },
          qeReportSignature: quote.qeReportSignature,
          qeAuthData: { parsedDataSize: quote.qeAuthData.length, data: quote.qeAuthData },
          pckCertificateChainData: {
            certificateDataType: 5,
            size: quote.pckChainPem.length,
            pckCertChain: quote.pckChainPem,
          },
        },
      },
    },
    extraBytes: quote.extra,
  });
}

/** Two bytes, little-endian; a number that does not fit would change silently. */
function u16(value: number, field: string): Uint8Array {
  if (value > 0xffff) throw invalid(`${field} is ${value}, limit 65535`);
  return Uint8Array.of(value & 0xff, value >> 8);
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function sized(bytes: Uint8Array, size: number, field: string): Uint8Array {
  if (bytes.length !== size) throw invalid(`${field} has ${bytes.length} bytes, need ${size}`);
  return bytes;
}

function noRoomForVersion5(): ContrastError {
  const inForm = "in the message tdx.QuoteV4, which has no room for type and size of a version 5 body";
  const error = unsupported(`the quote version ${inForm},`, 5, "4");
  return new ContrastError(error.code, error.message, {
    hint: "Check a quote of version 5 as a file of its raw bytes.",
    details: error.details,
  });
}

function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw invalid(`${field} is missing`);
  return value;
}

function invalid(fact: string): ContrastError {
  return new ContrastError("tdx/evidence-invalid", `Cannot read TDX evidence: ${fact}`);
}
