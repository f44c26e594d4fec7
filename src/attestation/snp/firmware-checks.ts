import { judgedRow, type Row } from "../check-row.ts";
import type { Check } from "../verdict.ts";
import type { SnpReport } from "./snp-report.ts";

/** The committed build of the firmware must not be above the current one. */
export function checkFirmwareBuild({ currentVersion, committedVersion }: SnpReport): Check {
  const row: Row = {
    id: "firmware.build",
    subject: "COMMITTED_BUILD",
    expected: `at most ${currentVersion.build}`,
    actual: String(committedVersion.build),
    source: "CURRENT_BUILD",
  };
  return judgedRow(row, committedVersion.build <= currentVersion.build, { code: "snp/firmware-order" });
}

/** The committed version of the firmware must not be above the current one. */
export function checkFirmwareVersion({ currentVersion: current, committedVersion: committed }: SnpReport): Check {
  const row: Row = {
    id: "firmware.version",
    subject: "COMMITTED_MAJOR and COMMITTED_MINOR",
    expected: `at most ${current.major}.${current.minor}`,
    actual: `${committed.major}.${committed.minor}`,
    source: "CURRENT_MAJOR and CURRENT_MINOR",
  };
  const isNotAbove =
    committed.major < current.major || (committed.major === current.major && committed.minor <= current.minor);
  return judgedRow(row, isNotAbove, { code: "snp/firmware-order" });
}
