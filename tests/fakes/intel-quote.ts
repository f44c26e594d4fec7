import { ordinaryQuote } from "../../src/simulator/intel/ordinary-quote.ts";
import type { QuoteFields } from "../../src/simulator/intel/tdx-quote.ts";
import { fakeKey } from "./intel-certificates.ts";

export { INTEL_QE_VENDOR, TEE_TCB_SVN } from "../../src/simulator/intel/ordinary-quote.ts";
export { encodeTdxQuote as buildQuote, type QuoteFields } from "../../src/simulator/intel/tdx-quote.ts";

/** A quote that a healthy platform would give, with measurements that are easy to tell apart. */
export function usualQuoteFields(): Omit<QuoteFields, "pckChainPem" | "qeSigner"> {
  return {
    ...ordinaryQuote(fakeKey("intel attestation key")),
    mrSeam: filled(0x5e),
    mrTd: filled(0x7d),
    rtmrs: [filled(0xa0), filled(0xa1), filled(0xa2), filled(0xa3)],
  };
}

function filled(byte: number): Uint8Array {
  return new Uint8Array(48).fill(byte);
}
