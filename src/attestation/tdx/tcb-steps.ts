import { sameBytes } from "../../lib/same-bytes.ts";
import { judgedRow } from "../check-row.ts";
import {
  convergeTcbStatus,
  isvLevelFor,
  moduleIdentityOf,
  moduleIdOf,
  moduleVersionOf,
  platformLevelOf,
} from "./evaluate-tcb.ts";
import { maskedBytes } from "./masked-bytes.ts";
import { type Finding, type Step } from "./step.ts";
import type { IsvTcbLevel, PlatformTcbLevel, TcbInfo, TdxModule, TdxModuleIdentity } from "./tcb-info.ts";
import type { TdxEvidence } from "./tdx-evidence.ts";
import { renderLevelStatus, type TcbLevelStatus, tcbStatusMeaning } from "./tcb-status.ts";

/** Evidence beside the TCB info that counts for it, and the levels that were found for it there. */
export interface JudgedTcb {
  readonly evidence: TdxEvidence;
  readonly platformLevel: PlatformTcbLevel | undefined;
  /** What the TDX module is compared with. */
  readonly module: TdxModule;
  readonly moduleIdentity: TdxModuleIdentity | undefined;
  readonly moduleLevel: IsvTcbLevel | undefined;
}

/** Finds the levels of a quote's platform and TDX module. */
export function judgedTcb(evidence: TdxEvidence, info: TcbInfo): JudgedTcb {
  const { teeTcbSvn } = evidence.quote.body;
  const moduleIdentity = moduleVersionOf(teeTcbSvn) > 0 ? moduleIdentityOf(info, teeTcbSvn) : undefined;
  return {
    evidence,
    platformLevel: platformLevelOf(info, { ...evidence.platform, teeTcbSvn }),
    module: moduleIdentity ?? info.module,
    moduleIdentity,
    moduleLevel: moduleIdentity && isvLevelFor(moduleIdentity.levels, teeTcbSvn[0] ?? 0),
  };
}

/** Steps about TDX module and TCB of a quote. */
export const TCB_STEPS: readonly Step<JudgedTcb>[] = [
  { id: "module.mr-signer-seam", subject: "MR_SIGNER_SEAM", judge: judgeMrSignerSeam },
  { id: "module.seam-attributes", subject: "SEAM_ATTRIBUTES", judge: judgeSeamAttributes },
  { id: "tcb.platform", subject: "TCB level of the platform", judge: judgePlatformLevel },
  { id: "tcb.module", subject: "TCB level of the TDX module", judge: judgeModuleLevel },
  { id: "tcb.status", subject: "TCB status", judge: judgeStatus },
];

function judgeMrSignerSeam({ evidence, module }: JudgedTcb): Finding {
  const actual = evidence.quote.body.mrSignerSeam;
  return judgedRow(
    { actual: actual.toHex(), expected: module.mrSigner.toHex(), source: "TCB info" },
    sameBytes(actual, module.mrSigner),
    { code: "tdx/module-wrong", reason: "Intel did not sign this TDX module" },
  );
}

function judgeSeamAttributes({ evidence, module }: JudgedTcb): Finding {
  const actual = evidence.quote.body.seamAttributes;
  return judgedRow(
    {
      actual: actual.toHex(),
      expected: `${module.attributes.toHex()} under mask ${module.attributesMask.toHex()}`,
      source: "TCB info",
    },
    sameBytes(maskedBytes(actual, module.attributesMask), module.attributes),
    { code: "tdx/module-wrong", reason: "the TDX module runs with other attributes" },
  );
}

function judgePlatformLevel({ evidence, platformLevel }: JudgedTcb): Finding {
  const actual = renderPlatformTcb(evidence);
  if (platformLevel !== undefined) return { outcome: "passed", actual, meaning: renderLevelStatus(platformLevel) };
  return {
    outcome: "failed",
    actual,
    code: "tdx/tcb-level-none",
    reason: "no TCB level matches: the platform is below every one",
    remedy: "Update firmware, microcode and TDX module of the machine.",
  };
}

function judgeModuleLevel({ evidence, moduleIdentity, moduleLevel }: JudgedTcb): Finding {
  const { teeTcbSvn } = evidence.quote.body;
  if (moduleVersionOf(teeTcbSvn) === 0) {
    return { outcome: "passed", meaning: "modules of version 0 are judged with the platform" };
  }
  const id = moduleIdOf(teeTcbSvn);
  const actual = `${id}, version ${teeTcbSvn[0] ?? 0}`;
  if (moduleLevel !== undefined) return { outcome: "passed", actual, meaning: renderLevelStatus(moduleLevel) };
  const reason =
    moduleIdentity === undefined
      ? `the TCB info has no module identity ${id}`
      : "no TCB level matches: the module is below every one";
  return { outcome: "failed", actual, code: "tdx/module-level-none", reason, remedy: "Update the TDX module." };
}

/** Only `UpToDate` is good enough, as in Contrast. */
function judgeStatus({ evidence, platformLevel, moduleLevel }: JudgedTcb): Finding {
  const needsModule = moduleVersionOf(evidence.quote.body.teeTcbSvn) > 0;
  if (platformLevel === undefined || (needsModule && moduleLevel === undefined)) {
    return { outcome: "unknown", code: "tdx/tcb-level-none", reason: "there is no level whose status could be judged" };
  }
  const status = convergeTcbStatus(platformLevel.status, moduleLevel?.status);
  const levels: readonly TcbLevelStatus[] = moduleLevel === undefined ? [platformLevel] : [platformLevel, moduleLevel];
  return judgedRow({ actual: status, expected: "UpToDate", meaning: tcbStatusMeaning(status) }, status === "UpToDate", {
    code: "tdx/tcb-status",
    reason: renderLevels(platformLevel, moduleLevel),
    remedy: statusRemedy(levels),
  });
}

function renderLevels(platform: TcbLevelStatus, module: TcbLevelStatus | undefined): string {
  const text = `platform ${renderLevelStatus(platform)}`;
  return module === undefined ? text : `${text}; module ${renderLevelStatus(module)}`;
}

/** Names the advisories, because they say what is missing. */
export function statusRemedy(levels: readonly TcbLevelStatus[]): string {
  const advisories = [...new Set(levels.flatMap(({ advisoryIds }) => advisoryIds))];
  const update = "Update firmware, microcode and TDX module of the machine";
  return advisories.length === 0 ? `${update}.` : `${update}; the advisories are ${advisories.join(", ")}.`;
}

function renderPlatformTcb({ platform, quote }: TdxEvidence): string {
  const components = platform.sgxComponents.join(".");
  return `SGX components ${components}, PCESVN ${platform.pceSvn}, TEE_TCB_SVN ${quote.body.teeTcbSvn.toHex()}`;
}
