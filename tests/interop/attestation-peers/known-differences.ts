import type { JudgedCase, OwnAnswer } from "./judged-case.ts";

/** A way in which we and the libraries of Google differ on purpose. */
export interface Difference {
  readonly name: string;
  readonly weAccept: boolean;
  readonly reason: string;
  /** Whether a case on which the answers differ is one of these. @param theirs the library's reason, empty if it accepts */
  readonly matches: (one: JudgedCase, ours: OwnAnswer, theirs: string) => boolean;
}

const only = (ours: OwnAnswer, pattern: RegExp): boolean => ours.reasons.every((reason) => pattern.test(reason));

/** Everything that differs. What stands here first are the cases that we accept and a library refuses. */
export const KNOWN_DIFFERENCES: readonly Difference[] = [
  {
    name: "quotes of version 5",
    weAccept: true,
    reason: "go-tdx-guest reads them, but cannot verify them; the signature covers type and size of the body too",
    matches: (_one, _ours, theirs) => theirs === "unsupported quote type: *tdx.QuoteV5",
  },
  {
    name: "issuer chain beside the CRL of the PCK CA",
    weAccept: true,
    reason: "we verify that CRL with the certificate of the quote itself, so nothing depends on the chain sent with it",
    matches: (one, _ours, theirs) =>
      one.label.includes("issuer chain of intel-pck-crl") && theirs.includes("Sgx-Pck-Crl-Issuer-Chain"),
  },
  {
    name: "reserved bytes of a TCB version",
    weAccept: true,
    reason: "bytes 2 to 5 of TCB_VERSION are reserved and no versions; go-sev-guest compares them like versions",
    matches: (one, _ours, theirs) => one.label.includes("signed anew") && /Spl[4-7]:[1-9]/.test(theirs),
  },
  {
    name: "status of the platform",
    weAccept: false,
    reason: "Intel combines the statuses of platform and module; go-tdx-guest looks at the module's alone",
    matches: (one, ours) => one.label.includes("statuses") && only(ours, /^failed tcb\.status$/),
  },
  {
    name: "collateral of the future",
    weAccept: false,
    reason: "we look at issueDate and thisUpdate too, the libraries only at nextUpdate",
    matches: (one, ours) =>
      /future|not yet valid|T10:00:00Z/.test(one.label) &&
      only(ours, /^unknown (?:[a-z-]+\.(?:validity|this-update)|revocation)$/),
  },
  {
    name: "bytes behind a revocation list",
    weAccept: false,
    reason: "we accept nothing behind a DER object",
    matches: (one, ours) =>
      /intel-(?:root|pck)-crl: \d+ of \d+ bytes/.test(one.label) &&
      ours.reasons.some((reason) => /crl\.form/.test(reason)),
  },
  {
    name: "signature area of a report inside a message",
    weAccept: false,
    reason: "its unused bytes must be zero in a report of 1184 bytes; go-sev-guest does not check that in the message",
    matches: (one, ours) => one.label.includes(".pb: bit") && only(ours, /^snp\/report-reserved-set$/),
  },
  {
    name: "bytes behind a report",
    weAccept: false,
    reason: "a report has 1184 bytes; go-sev-guest ignores what follows",
    matches: (one, ours) => one.label.includes("of 1184 bytes") && only(ours, /^snp\/report-length-wrong$/),
  },
  {
    name: "stepping above 15",
    weAccept: false,
    reason: "go-sev-guest keeps four bits of CPUID_STEP and so verifies other bytes than those that were sent",
    matches: (one, ours) => one.label.includes("of byte 0x18a turned") && only(ours, /^failed report\.signature$/),
  },
  {
    name: "mitigation vectors before version 5",
    weAccept: false,
    reason: "reports below version 5 have reserved bytes there",
    matches: (one, ours) =>
      /of byte 0x(?:1f[89a-f]|20[0-7]) turned/.test(one.label) && only(ours, /^snp\/report-reserved-set$/),
  },
  {
    name: "product line beside a report of version 2",
    weAccept: false,
    reason: "go-sev-guest compares it only where it may fetch certificates, which the peer may not",
    matches: (one, ours, theirs) =>
      one.label.startsWith("snp-milan-v2-a-chain.pb") && theirs === "" && ours.reasons.includes("failed product"),
  },
  {
    name: "names of JSON members in another case",
    weAccept: false,
    reason: "Go reads members whatever the case of their names is; the signature does not cover the outer ones",
    matches: (one, ours) =>
      one.label.includes(": bit 5 of byte") &&
      ours.reasons.some((reason) => /(?:tcb-info|qe-identity)\.form/.test(reason)),
  },
  {
    name: "sizes in the message of a quote",
    weAccept: false,
    reason: "the outer sizes must fit, as they must in the quote itself; go-tdx-guest does not look at them",
    matches: (one, ours) => /^tdx-v4-[ab]\.pb/.test(one.label) && only(ours, /^tdx\/quote-invalid$/),
  },
  {
    name: "types of fields in a message",
    weAccept: false,
    reason: "we refuse a field that has another type than its number says; Go ignores it as an unknown one",
    matches: (one, ours) =>
      one.label.includes(".pb: bit") && only(ours, /^(?:snp\/attestation|tdx\/evidence)-invalid$/),
  },
];

/** The first entry that explains a case on which the answers differ. */
export function explanationOf(one: JudgedCase, ours: OwnAnswer, theirs: string | undefined): Difference | undefined {
  return KNOWN_DIFFERENCES.find(
    ({ weAccept, matches }) => weAccept === ours.accepted && matches(one, ours, theirs ?? ""),
  );
}
