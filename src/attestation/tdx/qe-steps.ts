import { sameBytes } from "../../lib/same-bytes.ts";
import { judgedRow } from "../check-row.ts";
import { isvLevelFor } from "./evaluate-tcb.ts";
import { maskedBytes } from "./masked-bytes.ts";
import type { QeIdentity } from "./qe-identity.ts";
import type { QeReport } from "./quote.ts";
import { type Finding, type Step } from "./step.ts";
import type { IsvTcbLevel } from "./tcb-info.ts";
import { renderLevelStatus, tcbStatusMeaning } from "./tcb-status.ts";
import { statusRemedy } from "./tcb-steps.ts";

/** A report of the quoting enclave beside the identity that counts for it. */
export interface JudgedQe {
  readonly report: QeReport;
  readonly identity: QeIdentity;
  readonly level: IsvTcbLevel | undefined;
}

/** Finds the level of a quoting enclave. */
export function judgedQe(report: QeReport, identity: QeIdentity): JudgedQe {
  return { report, identity, level: isvLevelFor(identity.levels, report.isvSvn) };
}

/** Steps about the quoting enclave. */
export const QE_STEPS: readonly Step<JudgedQe>[] = [
  { id: "qe.misc-select", subject: "QE MISC_SELECT", judge: judgeMiscSelect },
  { id: "qe.attributes", subject: "QE ATTRIBUTES", judge: judgeAttributes },
  { id: "qe.mr-signer", subject: "QE MR_SIGNER", judge: judgeMrSigner },
  { id: "qe.isv-prod-id", subject: "QE ISV_PROD_ID", judge: judgeIsvProdId },
  { id: "qe.tcb-level", subject: "TCB level of the quoting enclave", judge: judgeLevel },
  { id: "qe.tcb-status", subject: "TCB status of the quoting enclave", judge: judgeStatus },
];

const SOURCE = "QE identity";

function judgeMiscSelect({ report, identity }: JudgedQe): Finding {
  return judgedRow(
    {
      actual: hex32(report.miscSelect),
      expected: `${hex32(identity.miscSelect)} under mask ${hex32(identity.miscSelectMask)}`,
      source: SOURCE,
    },
    (report.miscSelect & identity.miscSelectMask) >>> 0 === identity.miscSelect,
    { code: "tdx/qe-wrong", reason: "the quoting enclave has other features" },
  );
}

function judgeAttributes({ report, identity }: JudgedQe): Finding {
  return judgedRow(
    {
      actual: report.attributes.toHex(),
      expected: `${identity.attributes.toHex()} under mask ${identity.attributesMask.toHex()}`,
      source: SOURCE,
    },
    sameBytes(maskedBytes(report.attributes, identity.attributesMask), identity.attributes),
    { code: "tdx/qe-wrong", reason: "the quoting enclave runs with other attributes" },
  );
}

function judgeMrSigner({ report, identity }: JudgedQe): Finding {
  return judgedRow(
    { actual: report.mrSigner.toHex(), expected: identity.mrSigner.toHex(), source: SOURCE },
    sameBytes(report.mrSigner, identity.mrSigner),
    { code: "tdx/qe-wrong", reason: "Intel did not sign this quoting enclave" },
  );
}

function judgeIsvProdId({ report, identity }: JudgedQe): Finding {
  return judgedRow(
    { actual: String(report.isvProdId), expected: String(identity.isvProdId), source: SOURCE },
    report.isvProdId === identity.isvProdId,
    { code: "tdx/qe-wrong", reason: "this is another enclave of Intel" },
  );
}

function judgeLevel({ report, level }: JudgedQe): Finding {
  const actual = `ISV_SVN ${report.isvSvn}`;
  if (level !== undefined) return { outcome: "passed", actual, meaning: renderLevelStatus(level) };
  return {
    outcome: "failed",
    actual,
    code: "tdx/qe-level-none",
    reason: "no TCB level matches: the quoting enclave is below every one",
    remedy: "Update the quote generation service of the machine.",
  };
}

/** Only `UpToDate` is good enough, as in Contrast. */
function judgeStatus({ level }: JudgedQe): Finding {
  if (level === undefined) {
    return { outcome: "unknown", code: "tdx/qe-level-none", reason: "there is no level whose status could be judged" };
  }
  return judgedRow(
    { actual: level.status, expected: "UpToDate", meaning: tcbStatusMeaning(level.status) },
    level.status === "UpToDate",
    { code: "tdx/qe-status", reason: renderLevelStatus(level), remedy: statusRemedy([level]) },
  );
}

function hex32(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}
