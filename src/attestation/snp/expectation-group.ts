import { judgedRow, notJudgedRow, type Row, unknownRow } from "../check-row.ts";
import type { SnpProduct } from "../collateral-need.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import type { Check, CheckGroup } from "../verdict.ts";
import type { AmdExtensions } from "./amd-extensions.ts";
import { dependsOn } from "./depends-on.ts";
import type { SnpExpectations } from "./expectations.ts";
import { checkFirmwareBuild, checkFirmwareVersion } from "./firmware-checks.ts";
import { checkPlatformInfo } from "./platform-checks.ts";
import { checkGuestPolicy } from "./policy-checks.ts";
import type { SnpReport } from "./snp-report.ts";
import { checkCertifiedTcb, checkCommittedTcb, checkLaunchTcb, checkReportedTcb } from "./tcb-checks.ts";

/**
 * Judges a report by one entry of the reference values. All checks are made, so that all actual values can be read.
 *
 * @param product the product line in force
 * @param extensions of the certificate of the report
 * @see google/go-sev-guest validate/validate.go, SnpAttestation
 */
export function judgeExpectations(
  report: SnpReport,
  expectations: SnpExpectations,
  product: SnpProduct | undefined,
  extensions: AmdExtensions | undefined,
): CheckGroup {
  const line = product ?? expectations.product;
  return {
    name: expectations.name,
    checks: [
      checkExpectedProduct(product, expectations),
      checkMeasurement(report, expectations),
      ...checkGuestPolicy(report, expectations),
      checkVmpl(report),
      ...checkReportedTcb(report, expectations, line),
      ...checkLaunchTcb(report, expectations, line),
      checkCommittedTcb(report, line),
      checkCertifiedTcb(report, extensions, line),
      checkFirmwareBuild(report),
      checkFirmwareVersion(report),
      ...checkPlatformInfo(report, expectations),
      checkAllowedChip(report, expectations),
      ...checkMitigations(report, expectations),
    ],
  };
}

/** The machine must be of the product line that the entry is for. */
function checkExpectedProduct(product: SnpProduct | undefined, { product: expected, source }: SnpExpectations): Check {
  const row: Row = { id: "product", subject: "product", expected, source: `${source}.ProductName` };
  if (product === undefined) return unknownRow(row, dependsOn("the product of the machine"));
  return judgedRow({ ...row, actual: product }, product === expected, {
    code: "snp/product-mismatch",
    reason: `the evidence is from a ${product} machine, these reference values are for ${expected}`,
  });
}

/** The guest must have been launched with the expected firmware, kernel and command line. */
function checkMeasurement({ measurement }: SnpReport, { measurement: wanted, source }: SnpExpectations): Check {
  const row: Row = {
    id: "measurement",
    subject: "MEASUREMENT (launch digest)",
    expected: wanted.toHex(),
    actual: measurement.toHex(),
    source: `${source}.TrustedMeasurement`,
  };
  return judgedRow(row, sameBytes(measurement, wanted), {
    code: "snp/measurement-wrong",
    reason: "the guest was launched with other firmware, kernel, image or command line",
  });
}

/** Reports of less privileged software inside the guest say nothing about the guest as a whole. */
function checkVmpl({ vmpl }: SnpReport): Check {
  return judgedRow({ id: "vmpl", subject: "VMPL", expected: "0", actual: String(vmpl) }, vmpl === 0, {
    code: "snp/vmpl-wrong",
    reason: "the report was asked for by a less privileged level of the guest",
  });
}

/** The chip must be one of those that the entry lists, if it lists any. */
function checkAllowedChip({ chipId }: SnpReport, { allowedChipIds = [], source }: SnpExpectations): Check {
  const row: Row = { id: "chip-id", subject: "CHIP_ID", actual: chipId.toHex() };
  if (allowedChipIds.length === 0) return notJudgedRow(row);
  const expected = allowedChipIds.length === 1 ? "the allowed chip" : `one of ${allowedChipIds.length} allowed chips`;
  const isAllowed = allowedChipIds.some((allowed) => sameBytes(chipId, allowed));
  return judgedRow({ ...row, expected, source: `${source}.AllowedChipIDs` }, isAllowed, {
    code: "snp/chip-not-allowed",
  });
}

/** Both vectors must have every bit of the minimum. */
function checkMitigations(report: SnpReport, expectations: SnpExpectations): readonly Check[] {
  return [
    checkMitigationVector(
      { id: "mitigation.launch", subject: "LAUNCH_MIT_VECTOR" },
      report.launchMitVector,
      expectations,
    ),
    checkMitigationVector(
      { id: "mitigation.current", subject: "CURRENT_MIT_VECTOR" },
      report.currentMitVector,
      expectations,
    ),
  ];
}

function checkMitigationVector(row: Row, vector: bigint, expectations: SnpExpectations): Check {
  const { minimumMitigationVector: minimum, source } = expectations;
  const actual = `0x${vector.toString(16)}`;
  if (minimum === undefined) return notJudgedRow({ ...row, actual });
  const expected = `all bits of 0x${minimum.toString(16)}`;
  const compared = { ...row, actual, expected, source: `${source}.MinimumMitigationVector` };
  return judgedRow(compared, (vector & minimum) === minimum, { code: "snp/mitigation-missing" });
}
