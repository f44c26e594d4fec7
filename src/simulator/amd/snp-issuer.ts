import type { EvidenceIssuer } from "../../attestation/issuer.ts";
import { parseSnpReport } from "../../attestation/snp/parse-report.ts";
import { encodeSnpAttestation } from "../../attestation/snp/snp-attestation.ts";
import type { SnpEndorsements } from "../../attestation/snp/snp-evidence.ts";
import { EVIDENCE_OIDS } from "../../attestation/validator.ts";
import { randomOctets } from "../../lib/random.ts";
import { createFreshValue } from "../document-dates.ts";
import type { KeyPair } from "../key-pair.ts";
import { simulatedMeasurement } from "../sandbox-mark.ts";
import { checkGuest, checkReportData, SIMULATED_SOURCE } from "../guest-checks.ts";
import type { SimulatedGuest } from "../simulated-machine.ts";
import type { AmdRoles } from "./amd-authority.ts";
import { encodeSnpReport, type ReportingChip, signSnpReport } from "./snp-report.ts";

/** What evidence of a guest is made from. */
export interface SnpIssuerParts {
  readonly chip: ReportingChip;
  /** Signs reports. */
  readonly chipKey: KeyPair;
  /** The certificate of that key, DER. */
  readonly vcek: Uint8Array;
  /** Those above it, DER. */
  readonly authority: AmdRoles<Uint8Array>;
  /** The revocation list of a time, DER. */
  readonly crlOf: (now: Date) => Uint8Array;
  readonly guest: SimulatedGuest;
  readonly now: () => Date;
}

const REPORT_ID_BYTES = 32;

/**
 * Makes reports as the firmware would for a guest: version 3, signed by the chip's own key, with what is known about the
 * key beside it if the guest asks for that.
 *
 * @throws ContrastError `simulator/guest-invalid`
 */
export function createSnpIssuer(parts: SnpIssuerParts): EvidenceIssuer {
  const { chip, chipKey, authority, crlOf, now } = parts;
  const { policyHash, launchDigest, endorsements } = checkGuest(parts.guest);
  const guestFields = {
    hostData: policyHash,
    measurement: launchDigest ?? simulatedMeasurement("launch digest"),
    // The firmware draws one for each guest.
    reportId: randomOctets(REPORT_ID_BYTES),
  };
  const crl = createFreshValue(crlOf, now);
  const known = (): SnpEndorsements =>
    endorsements === true ? { vcek: parts.vcek, ask: authority.ask, ark: authority.ark, crl: crl() } : {};
  return {
    tee: "snp",
    source: SIMULATED_SOURCE,
    issue: async (reportData, signal) => {
      checkReportData(reportData, signal);
      const reportBytes = signSnpReport(encodeSnpReport(chip, { ...guestFields, reportData }), chipKey);
      const evidence = {
        report: parseSnpReport(reportBytes),
        reportBytes,
        product: chip.product,
        endorsements: known(),
      };
      return { oid: EVIDENCE_OIDS.snp, value: encodeSnpAttestation(evidence) };
    },
  };
}
