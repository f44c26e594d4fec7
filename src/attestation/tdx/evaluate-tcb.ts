import type { IsvTcbLevel, PlatformTcbLevel, TcbInfo, TdxModuleIdentity } from "./tcb-info.ts";
import { severityOf, type TcbLevelStatus, type TcbStatus } from "./tcb-status.ts";

/** What of a platform TCB levels are compared with. */
export interface PlatformTcb {
  /** The 16 parts of CPUSVN that the PCK certificate states. */
  readonly sgxComponents: readonly number[];
  /** PCESVN of the PCK certificate. */
  readonly pceSvn: number;
  /** TEE_TCB_SVN of the quote, 16 bytes. */
  readonly teeTcbSvn: Uint8Array;
}

/** Major version of the TDX module; above 0 its own version is judged by a module identity. */
export function moduleVersionOf(teeTcbSvn: Uint8Array): number {
  return teeTcbSvn[1] ?? 0;
}

/**
 * The best level that a platform reaches. Levels are sorted first, so that their order in the document means nothing.
 *
 * @returns undefined where it reaches none
 * @see Intel PCS API v4, Get TDX TCB Info, description of the comparison
 */
export function platformLevelOf(info: TcbInfo, platform: PlatformTcb): PlatformTcbLevel | undefined {
  // With a module of its own version the first two parts are about the module, not about the platform.
  const firstTdxPart = moduleVersionOf(platform.teeTcbSvn) > 0 ? 2 : 0;
  return info.levels
    .toSorted(comparePlatformLevels)
    .find(
      (level) =>
        level.sgxComponents.every((minimum, part) => (platform.sgxComponents[part] ?? -1) >= minimum) &&
        platform.pceSvn >= level.pceSvn &&
        level.tdxComponents.every(
          (minimum, part) => part < firstTdxPart || (platform.teeTcbSvn[part] ?? -1) >= minimum,
        ),
    );
}

/** The identity of the module that a quote names, if the document has it. */
export function moduleIdentityOf(info: TcbInfo, teeTcbSvn: Uint8Array): TdxModuleIdentity | undefined {
  return info.moduleIdentities.find(({ id }) => id === moduleIdOf(teeTcbSvn));
}

/** Such as `TDX_01`. */
export function moduleIdOf(teeTcbSvn: Uint8Array): string {
  return `TDX_${moduleVersionOf(teeTcbSvn).toString(16).padStart(2, "0").toUpperCase()}`;
}

/** The best level with a version of at most `isvSvn`, whatever the order of the document. */
export function isvLevelFor(levels: readonly IsvTcbLevel[], isvSvn: number): IsvTcbLevel | undefined {
  return levels.toSorted((a, b) => b.isvSvn - a.isvSvn || compareStatus(a, b)).find((level) => level.isvSvn <= isvSvn);
}

/**
 * What platform and module together are worth. A module that is out of date makes an up-to-date platform out of date;
 * otherwise the platform decides, and neither can make the other better.
 *
 * @param module undefined where no module identity is involved
 * @see Intel SGX/TDX DCAP quote verification, convergence of TCB statuses
 */
export function convergeTcbStatus(platform: TcbStatus, module: TcbStatus | undefined): TcbStatus {
  if (module === undefined) return platform;
  if (platform === "Revoked" || module === "Revoked") return "Revoked";
  if (module === "OutOfDate") {
    if (platform === "UpToDate" || platform === "SWHardeningNeeded") return "OutOfDate";
    if (platform === "ConfigurationNeeded" || platform === "ConfigurationAndSWHardeningNeeded") {
      return "OutOfDateConfigurationNeeded";
    }
  }
  // Intel gives modules no other status; if it ever does, it must not be overlooked.
  return platform === "UpToDate" ? module : platform;
}

/** Highest versions first; of equal ones the worse status, so that a repeated level cannot hide it. */
function comparePlatformLevels(a: PlatformTcbLevel, b: PlatformTcbLevel): number {
  return (
    compareParts(b.sgxComponents, a.sgxComponents) ||
    b.pceSvn - a.pceSvn ||
    compareParts(b.tdxComponents, a.tdxComponents) ||
    compareStatus(a, b)
  );
}

function compareParts(a: readonly number[], b: readonly number[]): number {
  const part = a.findIndex((svn, index) => svn !== b[index]);
  return part < 0 ? 0 : (a[part] ?? 0) - (b[part] ?? 0);
}

function compareStatus(a: TcbLevelStatus, b: TcbLevelStatus): number {
  return severityOf(b.status) - severityOf(a.status) || a.tcbDate.getTime() - b.tcbDate.getTime();
}
