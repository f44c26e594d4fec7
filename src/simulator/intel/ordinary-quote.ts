import type { KeyPair } from "../key-pair.ts";
import { QE_MR_SIGNER } from "./intel-documents.ts";
import type { QuoteFields } from "./tdx-quote.ts";

/** Vendor of the quoting enclave in the header of a quote: Intel. */
export const INTEL_QE_VENDOR = Uint8Array.fromHex("939a7233f79c4ca9940a0db3957f0607");

/** SVNs of module TDX_01, version 6, and of its loader: the newest that the documents of this room know. */
export const TEE_TCB_SVN = Uint8Array.fromHex("06010300000000000000000000000000");

/** SEPT_VE_DISABLE and nothing else, as Contrast starts its guests. */
const TD_ATTRIBUTES = Uint8Array.fromHex("0000001000000000");
const POINT_BYTES = 64;
const XFAM = Uint8Array.fromHex("e702060000000000");

/**
 * What a healthy platform puts into every quote, whatever its guests are.
 *
 * @param attestationKey on P-256; its coordinates are the end of its SPKI
 */
export function ordinaryQuote(
  attestationKey: KeyPair,
): Omit<QuoteFields, "mrSeam" | "mrTd" | "rtmrs" | "pckChainPem" | "qeSigner"> {
  return {
    version: 4,
    bodyType: 3,
    attestationKeyType: 2,
    teeType: 0x81,
    pceSvn: 0,
    qeSvn: 0,
    qeVendorId: INTEL_QE_VENDOR,
    teeTcbSvn: TEE_TCB_SVN,
    mrSignerSeam: new Uint8Array(48),
    seamAttributes: new Uint8Array(8),
    tdAttributes: TD_ATTRIBUTES,
    xfam: XFAM,
    mrConfigId: new Uint8Array(48),
    mrOwner: new Uint8Array(48),
    mrOwnerConfig: new Uint8Array(48),
    reportData: new Uint8Array(64),
    qeMiscSelect: 0,
    qeAttributes: Uint8Array.fromHex("1500000000000000e700000000000000"),
    qeMrSigner: QE_MR_SIGNER,
    qeIsvProdId: 2,
    qeIsvSvn: 6,
    qeAuthData: new Uint8Array(32).fill(0x20),
    attestationPoint: attestationKey.spkiDer.slice(-POINT_BYTES),
    qeReportData: undefined,
    quoteSigner: attestationKey,
    certificationDataType: 6,
    innerCertificationDataType: 5,
    extra: new Uint8Array(0),
  };
}
