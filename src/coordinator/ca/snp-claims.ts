import { parseGuestPolicy } from "../../attestation/snp/guest-policy.ts";
import { parsePlatformInfo } from "../../attestation/snp/platform-info.ts";
import type { SnpEvidence } from "../../attestation/snp/snp-evidence.ts";
import type { SnpFirmwareVersion } from "../../attestation/snp/snp-report.ts";
import { parseTcb } from "../../attestation/snp/tcb.ts";
import type { Claim } from "./claim.ts";

/** Arcs of the four parts of one TCB version. Their order in certificates is that of this list, not of the numbers. */
type TcbArcs = readonly [bootloader: number, tee: number, snp: number, microcode: number];

/** The claims of an SNP report in the order of certificates, which is not that of their numbers. */
export function snpClaims({ report, product }: SnpEvidence): readonly Claim[] {
  const policy = parseGuestPolicy(report.policy);
  const platform = parsePlatformInfo(report.platformInfo);
  const { signerInfo } = report;
  const tcb = (raw: bigint, [bootloader, tee, snp, microcode]: TcbArcs): readonly Claim[] => {
    const version = parseTcb(raw, product);
    return [
      [bootloader, version.bootloader],
      [tee, version.tee],
      [snp, version.snp],
      [microcode, version.microcode],
    ];
  };
  return [
    [1, report.version],
    [2, report.guestSvn],
    [3, policy.abiMajor],
    [4, policy.abiMinor],
    [7, policy.smt],
    [6, policy.migrateMa],
    [5, policy.debug],
    [8, policy.singleSocket],
    [9, report.familyId],
    [10, report.imageId],
    [11, report.vmpl],
    ...tcb(report.currentTcb, [12, 14, 13, 15]),
    [16, platform.smtEnabled],
    [17, platform.tsmeEnabled],
    [20, (signerInfo.raw >>> 2) & 7],
    [18, signerInfo.authorKeyEn],
    [19, signerInfo.maskChipKey],
    [21, report.reportData],
    [22, report.measurement],
    [23, report.hostData],
    [24, report.idKeyDigest],
    [25, report.authorKeyDigest],
    [26, report.reportId],
    [27, report.reportIdMa],
    ...tcb(report.reportedTcb, [28, 30, 29, 31]),
    [32, report.chipId],
    ...tcb(report.committedTcb, [33, 35, 34, 36]),
    ...firmware(report.currentVersion, 37),
    ...firmware(report.committedVersion, 40),
    ...tcb(report.launchTcb, [43, 45, 44, 46]),
  ];
}

/** @param first arc of the build; those of minor and major follow */
function firmware({ build, minor, major }: SnpFirmwareVersion, first: number): readonly Claim[] {
  return [
    [first, build],
    [first + 1, minor],
    [first + 2, major],
  ];
}
