import type { ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";

const DO_NOT_TRUST = "Do not trust the machine until the operator of the hardware has explained it.";
const FETCH_AGAIN = "Fetch the lists again with contrast collateral fetch.";

/** A chain that no vendor makes. */
const FOREIGN_CHAIN: ErrorExplanation = {
  causes: [
    "Certificates of different vendors, product lines or kinds (VCEK and VLEK) were mixed.",
    "The chain was made up: only genuine ones follow the rules of their vendor.",
  ],
  actions: ["Leave the certificates out, so that they are fetched from the vendor.", DO_NOT_TRUST],
};

/** By code: what is known about chains of certificates and revocation lists that were refused or say nothing. */
export const PKI_EXPLANATIONS = {
  "pki/issuer-mismatch": FOREIGN_CHAIN,
  "pki/not-a-ca": FOREIGN_CHAIN,
  "pki/path-too-long": FOREIGN_CHAIN,
  "pki/key-usage-forbidden": FOREIGN_CHAIN,
  "pki/critical-extension-unknown": FOREIGN_CHAIN,
  "pki/certificate-expired": {
    causes: [
      "The host delivers an old certificate of its chip, or of its cloud provider.",
      "The clock is ahead, or --at names a time after the end of the certificate.",
    ],
    actions: [
      "Check the clock.",
      "Get a current certificate; the vendor issues a new one for each firmware.",
      "To judge old evidence, give the time of its making with --at; nothing else accepts an expired certificate.",
    ],
  },
  "pki/certificate-not-yet-valid": {
    causes: ["The clock is behind, or --at names a time before the certificate was issued."],
    actions: ["Check the clock.", "Give a later time with --at."],
  },
  "pki/crl-expired": {
    causes: ["The copy at hand is past its own date, and a newer one could not be fetched.", "The clock is wrong."],
    actions: [
      FETCH_AGAIN,
      "To judge by the rules of an earlier day, give that time with --at.",
      "To go on for a limited time while nothing newer can be had, name its end with --accept-collateral-until.",
    ],
  },
  "pki/crl-not-yet-valid": {
    causes: ["The clock is behind, or --at names a time before the list was issued."],
    actions: ["Check the clock.", "Give the list of that time with --crl or --collateral.", FETCH_AGAIN],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExplanation>>;
