import { judgedRow, notJudgedRow, type Row } from "../check-row.ts";
import type { Check } from "../verdict.ts";
import { type BitRule, checkBit } from "./bit-rule.ts";
import type { SnpExpectations } from "./expectations.ts";
import { parsePlatformInfo, reservedPlatformBits, type SnpPlatformInfo } from "./platform-info.ts";
import type { SnpReport } from "./snp-report.ts";

const PLATFORM_BITS: readonly BitRule<keyof SnpPlatformInfo>[] = [
  {
    bit: "smtEnabled",
    id: "platform-info.smt",
    subject: "SMT_EN",
    manifestKey: "SMTEnabled",
    rule: "allowed",
  },
  {
    bit: "tsmeEnabled",
    id: "platform-info.tsme",
    subject: "TSME_EN",
    manifestKey: "TSMEEnabled",
    rule: "allowed",
  },
  {
    bit: "eccEnabled",
    id: "platform-info.ecc",
    subject: "ECC_EN",
    manifestKey: "ECCEnabled",
    rule: "required",
  },
  {
    bit: "raplDisabled",
    id: "platform-info.rapl-dis",
    subject: "RAPL_DIS",
    manifestKey: "RAPLDisabled",
    rule: "required",
  },
  {
    bit: "ciphertextHidingDramEnabled",
    id: "platform-info.ciphertext-hiding-dram",
    subject: "CIPHERTEXT_HIDING_DRAM_EN",
    manifestKey: "CiphertextHidingDRAMEnabled",
    rule: "required",
  },
  {
    bit: "aliasCheckComplete",
    id: "platform-info.alias-check",
    subject: "ALIAS_CHECK_COMPLETE",
    manifestKey: "AliasCheckComplete",
    rule: "required",
  },
  {
    bit: "tioEnabled",
    id: "platform-info.tio",
    subject: "TIO_EN",
    manifestKey: "TIOEnabled",
    rule: "allowed",
  },
];

/** PLATFORM_INFO in words: the names of the bits that are on, and the bits without a known meaning. */
export function renderPlatformInfo(platformInfo: bigint): string {
  const info = parsePlatformInfo(platformInfo);
  const names = PLATFORM_BITS.filter(({ bit }) => info[bit]).map(({ subject }) => subject);
  const reserved = reservedPlatformBits(platformInfo);
  if (reserved !== 0n) names.push(`unknown bits 0x${reserved.toString(16)}`);
  return names.join(", ") || "nothing enabled";
}

/**
 * The host must have switched on what is required, and nothing that is not allowed. Without expectation nothing is
 * judged, so that newer firmware is not refused for a bit that it sets.
 *
 * @see google/go-sev-guest validate/validate.go, validatePlatformInfo
 */
export function checkPlatformInfo({ platformInfo }: SnpReport, expectations: SnpExpectations): readonly Check[] {
  const wanted = expectations.platformInfo;
  const actual = `0x${platformInfo.toString(16)}`;
  if (wanted === undefined) {
    const meaning = renderPlatformInfo(platformInfo);
    return [notJudgedRow({ id: "platform-info", subject: "PLATFORM_INFO", actual, meaning })];
  }
  const source = `${expectations.source}.PlatformInfo`;
  const info = parsePlatformInfo(platformInfo);
  return [
    ...PLATFORM_BITS.map((rule) => {
      const row = { subject: `PLATFORM_INFO ${rule.subject}`, source: `${source}.${rule.manifestKey}` };
      return checkBit(rule, info, wanted, row, { code: "snp/platform-info-wrong" });
    }),
    checkReservedBits(platformInfo, source),
  ];
}

function checkReservedBits(platformInfo: bigint, source: string): Check {
  const reserved = reservedPlatformBits(platformInfo);
  const row: Row = {
    id: "platform-info.reserved",
    subject: "PLATFORM_INFO reserved bits",
    expected: "0x0",
    actual: `0x${reserved.toString(16)}`,
    source,
  };
  return judgedRow(row, reserved === 0n, {
    code: "snp/platform-info-wrong",
    reason: "the machine has a feature switched on that this version does not know",
  });
}
