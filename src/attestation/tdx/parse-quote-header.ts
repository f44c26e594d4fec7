import { ContrastError } from "../../lib/errors.ts";
import type { QuoteHeader } from "./quote.ts";
import type { QuoteReader } from "./quote-reader.ts";

/** Size in bytes of the header of every quote. */
export const QUOTE_HEADER_SIZE = 48;

const ECDSA_P256 = 2;
const TEE_SGX = 0;
const TEE_TDX = 0x81;

/**
 * Reads the header and refuses what is not a TDX quote with an ECDSA P-256 key.
 *
 *     offset  size  field
 *          0     2  version
 *          2     2  attestation key type
 *          4     4  TEE type
 *          8     2  reserved in version 4 (PCE SVN)
 *         10     2  reserved in version 4 (QE SVN)
 *         12    16  QE vendor id
 *         28    20  user data
 *
 * @throws ContrastError `tdx/quote-is-sgx`, `tdx/quote-unsupported`, `tdx/quote-invalid`
 * @see Intel TDX DCAP Quoting Library API, A.3.1
 */
export function parseQuoteHeader(reader: QuoteReader): QuoteHeader {
  const version = reader.u16("quote version");
  const attestationKeyType = reader.u16("attestation key type");
  const teeType = reader.u32("TEE type");
  const pceSvn = reader.u16("PCE SVN");
  const qeSvn = reader.u16("QE SVN");
  const qeVendorId = reader.take(16, "QE vendor id");
  const userData = reader.take(20, "user data");
  if (teeType === TEE_SGX && version >= 3 && version <= 5) throw sgxQuote(version);
  if (version !== 4 && version !== 5) throw unsupported("version", version, "4 or 5");
  if (teeType !== TEE_TDX) throw unsupported("TEE type", teeType, "129 (TDX)");
  if (attestationKeyType !== ECDSA_P256) {
    throw unsupported("attestation key type", attestationKeyType, "2 (ECDSA with P-256)");
  }
  return { version, attestationKeyType, teeType, pceSvn, qeSvn, qeVendorId, userData };
}

/** The error for a quote of an SGX enclave, which says nothing about a trust domain. */
export function sgxQuote(version: number): ContrastError {
  return new ContrastError("tdx/quote-is-sgx", `Cannot read TDX quote: this is an SGX quote of version ${version}`, {
    hint: "Present a quote of a TDX guest; quotes of SGX enclaves are not evidence for it.",
    details: { version },
  });
}

/** The error for a quote that is well formed as far as it was read, but of a kind that is not read. */
export function unsupported(field: string, actual: number, expected: string): ContrastError {
  return new ContrastError("tdx/quote-unsupported", `Cannot read TDX quote: ${field} is ${actual}, need ${expected}`, {
    details: { field, actual, expected },
  });
}
