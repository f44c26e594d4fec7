import type { EvidenceIssuer } from "../../attestation/issuer.ts";
import { encodeTdxAttestation } from "../../attestation/tdx/tdx-attestation.ts";
import { tdxEvidenceFromQuote } from "../../attestation/tdx/tdx-evidence.ts";
import { EVIDENCE_OIDS } from "../../attestation/validator.ts";
import { checkGuest, checkReportData, SIMULATED_SOURCE } from "../guest-checks.ts";
import { simulatedMeasurement } from "../sandbox-mark.ts";
import type { SimulatedGuest } from "../simulated-machine.ts";
import { ordinaryQuote } from "./ordinary-quote.ts";
import type { TdxParts } from "./tdx-parts.ts";
import { encodeTdxQuote, type QuoteFields } from "./tdx-quote.ts";

const RTMRS = [0, 1, 2, 3];

/** Version 4 quotes of Intel's library end their chain with a zero byte. */
const CHAIN_END = "\0";

/** What stands in quotes of a guest, its policy and report data aside. */
export function guestQuote(
  parts: TdxParts,
  pckChainPem: string,
  { launchDigest, rtmrs }: Pick<SimulatedGuest, "launchDigest" | "rtmrs">,
): QuoteFields {
  return {
    ...ordinaryQuote(parts.attestationKey),
    mrSeam: simulatedMeasurement("TDX module"),
    mrTd: launchDigest ?? simulatedMeasurement("launch digest"),
    rtmrs: rtmrs ?? RTMRS.map((index) => simulatedMeasurement(`RTMR${index}`)),
    qeSigner: parts.pck.key,
    pckChainPem: pckChainPem + CHAIN_END,
  };
}

/**
 * Makes quotes of version 4 as the quoting enclave would for a guest.
 *
 * @throws ContrastError `simulator/guest-invalid`
 */
export function createTdxIssuer(parts: TdxParts, pckChainPem: string, guest: SimulatedGuest): EvidenceIssuer {
  const checked = checkGuest(guest);
  // A policy hash is shorter than its field; zeros follow it.
  const fields = { ...guestQuote(parts, pckChainPem, checked), mrConfigId: checked.policyHash };
  return {
    tee: "tdx",
    source: SIMULATED_SOURCE,
    issue: async (reportData, signal) => {
      checkReportData(reportData, signal);
      const quote = encodeTdxQuote({ ...fields, reportData });
      return { oid: EVIDENCE_OIDS.tdx, value: encodeTdxAttestation(tdxEvidenceFromQuote(quote)) };
    },
  };
}
