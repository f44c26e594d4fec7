import { judgedRow, type Row, unknownRow } from "../check-row.ts";
import type { SnpProduct, TcbVersion } from "../collateral-need.ts";
import type { Check } from "../verdict.ts";
import type { AmdExtensions } from "./amd-extensions.ts";
import { dependsOn } from "./depends-on.ts";
import type { SnpExpectations } from "./expectations.ts";
import type { SnpReport } from "./snp-report.ts";
import { parseTcb, renderTcb, TCB_PARTS, type TcbPart, tcbPartsAbove } from "./tcb.ts";

/** Names of the parts in the manifest. */
const MANIFEST_KEYS: Readonly<Record<TcbPart, string>> = {
  fmc: "FMCVersion",
  bootloader: "BootloaderVersion",
  tee: "TEEVersion",
  snp: "SNPVersion",
  microcode: "MicrocodeVersion",
};

/**
 * The TCB that the machine answers for must reach the minimum, part by part.
 *
 * @param product of the machine, which decides the layout of its TCB versions
 */
export function checkReportedTcb(
  report: SnpReport,
  expectations: SnpExpectations,
  product: SnpProduct,
): readonly Check[] {
  const tcb = parseTcb(report.reportedTcb, product);
  return checkMinimum({ id: "tcb", subject: "REPORTED_TCB", code: "snp/tcb-low" }, tcb, expectations);
}

/** The TCB at the time of launch must reach the same minimum. */
export function checkLaunchTcb(
  report: SnpReport,
  expectations: SnpExpectations,
  product: SnpProduct,
): readonly Check[] {
  const tcb = parseTcb(report.launchTcb, product);
  return checkMinimum({ id: "launch-tcb", subject: "LAUNCH_TCB", code: "snp/launch-tcb-low" }, tcb, expectations);
}

/** What the machine can no longer go below must not be above what it runs. */
export function checkCommittedTcb(report: SnpReport, product: SnpProduct): Check {
  const current = parseTcb(report.currentTcb, product);
  const committed = parseTcb(report.committedTcb, product);
  return checkNotAbove({ id: "committed-tcb", subject: "COMMITTED_TCB" }, committed, current);
}

/** The TCB that the certificate stands for must not be above what the machine runs. */
export function checkCertifiedTcb(
  report: SnpReport,
  extensions: AmdExtensions | undefined,
  product: SnpProduct,
): Check {
  const row: Row = { id: "certificate-tcb", subject: "TCB of the certificate" };
  if (extensions === undefined) return unknownRow(row, dependsOn("the extensions of the certificate"));
  return checkNotAbove(row, parseTcb(extensions.tcb, product), parseTcb(report.currentTcb, product));
}

interface Minimum {
  readonly id: string;
  readonly subject: string;
  readonly code: "snp/tcb-low" | "snp/launch-tcb-low";
}

function checkMinimum(
  { id, subject, code }: Minimum,
  tcb: TcbVersion,
  { minimumTcb, source: entry }: SnpExpectations,
): readonly Check[] {
  return TCB_PARTS.flatMap((part) => {
    const minimum = minimumTcb[part];
    if (minimum === undefined) return [];
    const actual = tcb[part] ?? 0;
    const source = `${entry}.MinimumTCB.${MANIFEST_KEYS[part]}`;
    const row: Row = {
      id: `${id}.${part}`,
      subject: `${subject} ${part}`,
      expected: `at least ${minimum}`,
      actual: String(actual),
      source,
    };
    const remedy = "Update the firmware of the machine, or lower the minimum to what it has if that is good enough.";
    return [judgedRow(row, actual >= minimum, { code, remedy })];
  });
}

function checkNotAbove(row: Row, tcb: TcbVersion, current: TcbVersion): Check {
  const above = tcbPartsAbove(tcb, current);
  const compared = {
    ...row,
    expected: `at most ${renderTcb(current)}`,
    actual: renderTcb(tcb),
    source: "CURRENT_TCB",
  };
  return judgedRow(compared, above.length === 0, {
    code: "snp/tcb-order",
    reason: `above CURRENT_TCB: ${above.join(", ")}`,
  });
}
