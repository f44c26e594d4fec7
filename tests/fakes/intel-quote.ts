import { createHash } from "node:crypto";
import { type FakeKey, fakeKey, signRaw } from "./intel-certificates.ts";

/** What a fake quote says. Byte strings are padded with zeros behind to their size; everything can be wrong on purpose. */
export interface QuoteFields {
  readonly version: number;
  /** Of version 5: 2 (TDX 1.0) or 3 (TDX 1.5). */
  readonly bodyType: number;
  readonly attestationKeyType: number;
  readonly teeType: number;
  readonly pceSvn: number;
  readonly qeSvn: number;
  readonly qeVendorId: Uint8Array;
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
  readonly rtmrs: readonly Uint8Array[];
  readonly reportData: Uint8Array;
  readonly qeMiscSelect: number;
  readonly qeAttributes: Uint8Array;
  readonly qeMrSigner: Uint8Array;
  readonly qeIsvProdId: number;
  readonly qeIsvSvn: number;
  readonly qeAuthData: Uint8Array;
  /** 64 bytes x and y in place of the attestation key's own; the QE report binds what stands here. */
  readonly attestationPoint: Uint8Array | undefined;
  /** In place of what binds the attestation key. */
  readonly qeReportData: Uint8Array | undefined;
  readonly quoteSigner: FakeKey;
  readonly qeSigner: FakeKey;
  readonly certificationDataType: number;
  readonly innerCertificationDataType: number;
  readonly pckChainPem: string;
  readonly extra: Uint8Array;
}

/** Vendor of the quoting enclave in the header of a quote. */
export const INTEL_QE_VENDOR = Uint8Array.fromHex("939a7233f79c4ca9940a0db3957f0607");
/** MR_SIGNER of Intel's quoting enclave. */
export const QE_MR_SIGNER = Uint8Array.fromHex("dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5");

/** A quote that a healthy platform would give. */
export function usualQuoteFields(): Omit<QuoteFields, "pckChainPem" | "qeSigner" | "teeTcbSvn"> {
  return {
    version: 4,
    bodyType: 3,
    attestationKeyType: 2,
    teeType: 0x81,
    pceSvn: 0,
    qeSvn: 0,
    qeVendorId: INTEL_QE_VENDOR,
    mrSeam: filled(48, 0x5e),
    mrSignerSeam: new Uint8Array(48),
    seamAttributes: new Uint8Array(8),
    tdAttributes: Uint8Array.fromHex("0000001000000000"),
    xfam: Uint8Array.fromHex("e702060000000000"),
    mrTd: filled(48, 0x7d),
    mrConfigId: new Uint8Array(48),
    mrOwner: new Uint8Array(48),
    mrOwnerConfig: new Uint8Array(48),
    rtmrs: [filled(48, 0xa0), filled(48, 0xa1), filled(48, 0xa2), filled(48, 0xa3)],
    reportData: new Uint8Array(64),
    qeMiscSelect: 0,
    qeAttributes: Uint8Array.fromHex("1500000000000000e700000000000000"),
    qeMrSigner: QE_MR_SIGNER,
    qeIsvProdId: 2,
    qeIsvSvn: 6,
    qeAuthData: filled(32, 0x20),
    attestationPoint: undefined,
    qeReportData: undefined,
    quoteSigner: fakeKey("intel attestation key"),
    certificationDataType: 6,
    innerCertificationDataType: 5,
    extra: new Uint8Array(0),
  };
}

/** Signs and assembles a quote. */
export function buildQuote(fields: QuoteFields): Uint8Array {
  const point = fields.attestationPoint ?? fakeKey("intel attestation key").spkiDer.subarray(-64);
  const signed = Buffer.concat([headerOf(fields), bodyOf(fields)]);
  const binding = createHash("sha256").update(point).update(fields.qeAuthData).digest();
  const qeReport = qeReportOf(fields, fields.qeReportData ?? binding);
  const pem = new TextEncoder().encode(fields.pckChainPem);
  const certification = Buffer.concat([
    qeReport,
    signRaw(qeReport, fields.qeSigner),
    u16(fields.qeAuthData.length),
    fields.qeAuthData,
    u16(fields.innerCertificationDataType),
    u32(pem.length),
    pem,
  ]);
  const signatureData = Buffer.concat([
    signRaw(signed, fields.quoteSigner),
    point,
    u16(fields.certificationDataType),
    u32(certification.length),
    certification,
  ]);
  return new Uint8Array(Buffer.concat([signed, u32(signatureData.length), signatureData, fields.extra]));
}

function headerOf(fields: QuoteFields): Uint8Array {
  return Buffer.concat([
    u16(fields.version),
    u16(fields.attestationKeyType),
    u32(fields.teeType),
    u16(fields.pceSvn),
    u16(fields.qeSvn),
    padded(fields.qeVendorId, 16),
    filled(20, 0x0d),
  ]);
}

function bodyOf(fields: QuoteFields): Uint8Array {
  const body = Buffer.concat([
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
  const whole = fields.bodyType === 3 ? Buffer.concat([body, padded(fields.teeTcbSvn, 16), filled(48, 0x5d)]) : body;
  return Buffer.concat([u16(fields.bodyType), u32(whole.length), whole]);
}

function qeReportOf(fields: QuoteFields, reportData: Uint8Array): Uint8Array {
  return Buffer.concat([
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
