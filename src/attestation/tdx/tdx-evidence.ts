import type { Certificate } from "../../pki/x509/certificate.ts";
import { parseTdxQuote } from "./parse-quote.ts";
import { type PckPlatform, parsePckPlatform } from "./pck-platform.ts";
import { PemChainReader } from "./pem-chain.ts";
import type { TdxQuote } from "./quote.ts";

/** A TDX quote with the certificates inside it, read but not verified. */
export interface TdxEvidence {
  readonly quote: TdxQuote;
  readonly chain: PckChain;
  /** What the leaf states about the platform. */
  readonly platform: PckPlatform;
}

/** The three certificates of a quote. */
export interface PckChain {
  /** Signs the QE report. */
  readonly pck: Certificate;
  readonly intermediate: Certificate;
  /** As the quote has it; trusted only as far as it equals the known one. */
  readonly root: Certificate;
}

/**
 * Reads evidence from the raw bytes of a quote, version 4 or 5.
 *
 * @param bytes at most 64 KiB; what follows the quote is kept
 * @throws ContrastError `tdx/quote-invalid`, `tdx/quote-is-sgx`, `tdx/quote-unsupported`, `tdx/pck-chain-invalid`,
 *   `tdx/pck-extension-invalid`
 */
export function tdxEvidenceFromQuote(bytes: Uint8Array): TdxEvidence {
  return tdxEvidenceOf(parseTdxQuote(bytes));
}

/**
 * Reads the certificates inside a quote.
 *
 * @throws ContrastError `tdx/pck-chain-invalid`, `tdx/pck-extension-invalid`
 */
export function tdxEvidenceOf(quote: TdxQuote): TdxEvidence {
  const reader = new PemChainReader(quote.pckChainPem, "tdx/pck-chain-invalid", "certificates of TDX quote");
  const chain = {
    pck: reader.certificate("PCK certificate"),
    intermediate: reader.certificate("intermediate certificate"),
    root: reader.certificate("root certificate"),
  };
  reader.end();
  return { quote, chain, platform: parsePckPlatform(chain.pck) };
}
