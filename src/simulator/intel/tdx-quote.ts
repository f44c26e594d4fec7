import { createHash } from "node:crypto";
import { joinBytes } from "../../lib/byte-stream.ts";
import type { KeyPair } from "../key-pair.ts";
import { signRaw } from "../signer.ts";

/** What a quote says. Byte strings that are shorter than their field are filled up with zeros. */
export interface QuoteFields {
  /** 4 or 5. */
  readonly version: number;
  /** Of version 5: 2 (TDX 1.0) or 3 (TDX 1.5). */
  readonly bodyType: number;
  readonly attestationKeyType: number;
  readonly teeType: number;
  readonly pceSvn: number;
  readonly qeSvn: number;
  readonly qeVendorId: Uint8Array;
  /** 16 bytes. */
  readonly teeTcbSvn: Uint8Array;
  readonly mrSeam: Uint8Array;
  readonly mrSignerSeam: Uint8Array;
  readonly seamAttributes: Uint8Array;
  readonly tdAttributes: Uint8Array;
  readonly xfam: Uint8Array;
  readonly mrTd: Uint8Array;
  readonly mrConfigId: Uint8Array;
  readonly mrOwner: Uint8Array;
  readonly mrOwnerConfig: Uint8Array;
  /** RTMR0 to RTMR3. */
  readonly rtmrs: readonly Uint8Array[];
  readonly reportData: Uint8Array;
  readonly qeMiscSelect: number;
  readonly qeAttributes: Uint8Array;
  readonly qeMrSigner: Uint8Array;
  readonly qeIsvProdId: number;
  readonly qeIsvSvn: number;
  readonly qeAuthData: Uint8Array;
  /** x and y of the attestation key, 64 bytes. */
  readonly attestationPoint: Uint8Array;
  /** REPORT_DATA of the QE report; SHA-256 of attestation key and auth data where nothing is said. */
  readonly qeReportData: Uint8Array | undefined;
  /** The attestation key. */
  readonly quoteSigner: KeyPair;
  /** The key of the PCK certificate. */
  readonly qeSigner: KeyPair;
  readonly certificationDataType: number;
  readonly innerCertificationDataType: number;
  readonly pckChainPem: string;
  /** What follows the quote. */
  readonly extra: Uint8Array;
}

/**
 * Signs and assembles a quote: header, body, signature by the attestation key, QE report signed by the PCK key, chain.
 *
 * @see Intel TDX DCAP Quoting Library API, appendix A.3 (version 4), A.4 (version 5)
 */
export function encodeTdxQuote(fields: QuoteFields): Uint8Array {
  const { attestationPoint: point, qeAuthData, qeSigner } = fields;
  const signed = joinBytes([encodeHeader(fields), encodeBody(fields)]);
  const binding = new Uint8Array(createHash("sha256").update(point).update(qeAuthData).digest());
  const qeReport = encodeQeReport(fields, fields.qeReportData ?? binding);
  const pem = new TextEncoder().encode(fields.pckChainPem);
  const certification = joinBytes([
    qeReport,
    signRaw(qeReport, qeSigner),
    u16(qeAuthData.length),
    qeAuthData,
    u16(fields.innerCertificationDataType),
    u32(pem.length),
    pem,
  ]);
  const signatureData = joinBytes([
    signRaw(signed, fields.quoteSigner),
    point,
    u16(fields.certificationDataType),
    u32(certification.length),
    certification,
  ]);
  return joinBytes([signed, u32(signatureData.length), signatureData, fields.extra]);
}

function encodeHeader(fields: QuoteFields): Uint8Array {
  return joinBytes([
    u16(fields.version),
    u16(fields.attestationKeyType),
    u32(fields.teeType),
    u16(fields.pceSvn),
    u16(fields.qeSvn),
    padded(fields.qeVendorId, 16),
    filled(20, 0x0d),
  ]);
}

function encodeBody(fields: QuoteFields): Uint8Array {
  const body = joinBytes([
    padded(fields.teeTcbSvn, 16),
    padded(fields.mrSeam, 48),
    padded(fields.mrSignerSeam, 48),
    padded(fields.seamAttributes, 8),
    padded(fields.tdAttributes, 8),
    padded(fields.xfam, 8),
    padded(fields.mrTd, 48),
    padded(fields.mrConfigId, 48),
    padded(fields.mrOwner, 48),
    padded(fields.mrOwnerConfig, 48),
    ...fields.rtmrs.map((rtmr) => padded(rtmr, 48)),
    padded(fields.reportData, 64),
  ]);
  if (fields.version !== 5) return body;
  const whole = fields.bodyType === 3 ? joinBytes([body, padded(fields.teeTcbSvn, 16), filled(48, 0x5d)]) : body;
  return joinBytes([u16(fields.bodyType), u32(whole.length), whole]);
}

function encodeQeReport(fields: QuoteFields, reportData: Uint8Array): Uint8Array {
  return joinBytes([
    filled(16, 0x0c),
    u32(fields.qeMiscSelect),
    new Uint8Array(28),
    padded(fields.qeAttributes, 16),
    filled(32, 0x0e),
    new Uint8Array(32),
    padded(fields.qeMrSigner, 32),
    new Uint8Array(96),
    u16(fields.qeIsvProdId),
    u16(fields.qeIsvSvn),
    new Uint8Array(60),
    padded(reportData, 64),
  ]);
}

function filled(size: number, byte: number): Uint8Array {
  return new Uint8Array(size).fill(byte);
}

function padded(bytes: Uint8Array, size: number): Uint8Array {
  const whole = new Uint8Array(size);
  whole.set(bytes);
  return whole;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}
