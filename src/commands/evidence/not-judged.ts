import type { ReadEvidence } from "../../attestation/read-evidence.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";

/**
 * What a verification leaves open, because the user gave nothing to judge it by, or because the manifest demands what this
 * version does not know.
 *
 * @param unknown reference values of the manifest that this version does not know; undefined without a manifest
 */
export function notJudged(
  { evidence, form }: ReadEvidence,
  flags: ParsedFlags,
  unknown: readonly string[] | undefined,
): readonly string[] {
  const open: string[] = [];
  if (!flags.isSet("report-data") && !flags.isSet("nonce")) {
    open.push(
      form === "certificate"
        ? "REPORT_DATA: whether the evidence belongs to the key of this certificate and is fresh; the certificate does not hold the nonce of its connection (--nonce)"
        : "REPORT_DATA: whom the evidence belongs to, and whether it is fresh (--report-data)",
    );
  }
  if (unknown === undefined) {
    const values =
      evidence.tee === "snp"
        ? "launch measurement, guest policy, TCB minima, VMPL"
        : "MRTD, RTMRs, MRSEAM, TD attributes, XFAM, SVN minima";
    open.push(`which guest runs there and how it was started: ${values} (--manifest)`);
    if (!flags.isSet("policy-hash")) {
      const field = evidence.tee === "snp" ? "HOST_DATA" : "MR_CONFIG_ID";
      open.push(`${field}: which policy the guest enforces (--policy-hash or --manifest)`);
    }
    return open;
  }
  const ofKind = unknown.filter((path) => path.includes(`.${evidence.tee}[`));
  return [...open, ...ofKind.map((path) => `${path}: this version does not know this reference value`)];
}
