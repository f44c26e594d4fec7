import { sameBytes } from "../../lib/same-bytes.ts";
import { DER_TAG, DerReader } from "../der-reader.ts";
import { parseSignatureAlgorithm, type SignatureAlgorithm } from "./signature-algorithm.ts";

/** The form that certificates and revocation lists share; nothing of it is verified. */
export interface SignedStructure {
  /** Stands at the beginning of what is signed. */
  readonly tbs: DerReader;
  /** DER of the algorithm that stands beside the signature. */
  readonly outerAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
}

/** Longest serial number. */
const MAX_SERIAL_BYTES = 20;

/**
 * Opens a certificate or a revocation list, with nothing after it.
 *
 * @param der kept, not copied
 * @throws ContrastError `pki/der-invalid`
 * @see RFC 5280 sections 4.1.1 and 5.1.1
 */
export function openSigned(der: Uint8Array, what: string): SignedStructure {
  const outer = new DerReader(der, what);
  const signed = outer.sequence();
  outer.end();
  const tbs = signed.sequence();
  const outerAlgorithm = signed.expect(DER_TAG.sequence).der;
  const signature = signed.bitString();
  signed.end();
  return { tbs, outerAlgorithm, signature };
}

/**
 * Reads the algorithm inside of what is signed, which must be the one beside the signature.
 *
 * @throws ContrastError `pki/der-invalid`
 */
export function readSignatureAlgorithm({ tbs, outerAlgorithm }: SignedStructure): SignatureAlgorithm {
  const reader = tbs.sequence();
  const algorithm = parseSignatureAlgorithm(reader);
  if (!sameBytes(reader.der, outerAlgorithm)) throw tbs.invalid("two different signature algorithms");
  return algorithm;
}

/**
 * Reads a serial number: 0 or more, at most 20 bytes.
 *
 * @returns lower-case hex digits without leading zeros; `0` for zero
 * @throws ContrastError `pki/der-invalid`
 */
export function parseSerial(reader: DerReader): string {
  const digits = reader.unsignedBytes(MAX_SERIAL_BYTES).toHex();
  return digits.startsWith("0") ? digits.slice(1) : digits;
}
