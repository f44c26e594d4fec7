import { judgedRow, type Row } from "../check-row.ts";
import type { Check } from "../verdict.ts";
import { type BitRule, checkBit } from "./bit-rule.ts";
import type { SnpExpectations } from "./expectations.ts";
import { DEFAULT_GUEST_POLICY, type GuestPolicyBit, parseGuestPolicy, type SnpGuestPolicy } from "./guest-policy.ts";
import type { SnpReport } from "./snp-report.ts";

/** A rule with what a set bit means, and one that is not. */
interface PolicyBit extends BitRule<GuestPolicyBit> {
  readonly meaning: readonly [set: string, clear: string];
}

const POLICY_BITS: readonly PolicyBit[] = [
  {
    bit: "smt",
    id: "policy.smt",
    subject: "SMT",
    manifestKey: "SMT",
    rule: "allowed",
    meaning: ["multithreading allowed", "multithreading forbidden"],
  },
  {
    bit: "migrateMa",
    id: "policy.migrate-ma",
    subject: "MIGRATE_MA",
    manifestKey: "MigrateMA",
    rule: "allowed",
    meaning: ["migration agent allowed", "no migration agent"],
  },
  {
    bit: "debug",
    id: "policy.debug",
    subject: "DEBUG",
    manifestKey: "Debug",
    rule: "allowed",
    meaning: ["debugging allowed: the host may decrypt the guest", "no debugging"],
  },
  {
    bit: "singleSocket",
    id: "policy.single-socket",
    subject: "SINGLE_SOCKET",
    manifestKey: "SingleSocket",
    rule: "required",
    meaning: ["bound to one socket", "any number of sockets"],
  },
  {
    bit: "cxlAllow",
    id: "policy.cxl-allow",
    subject: "CXL_ALLOW",
    manifestKey: "CXLAllowed",
    rule: "allowed",
    meaning: ["CXL memory allowed", "no CXL memory"],
  },
  {
    bit: "memAes256Xts",
    id: "policy.mem-aes-256-xts",
    subject: "MEM_AES_256_XTS",
    manifestKey: "MemAES256XTS",
    rule: "required",
    meaning: ["AES-256-XTS demanded", "any memory encryption"],
  },
  {
    bit: "raplDis",
    id: "policy.rapl-dis",
    subject: "RAPL_DIS",
    manifestKey: "RAPLDis",
    rule: "required",
    meaning: ["no power measurement", "power measurement possible"],
  },
  {
    bit: "ciphertextHidingDram",
    id: "policy.ciphertext-hiding-dram",
    subject: "CIPHERTEXT_HIDING_DRAM",
    manifestKey: "CipherTextHidingDRAM",
    rule: "required",
    meaning: ["hidden ciphertext demanded", "ciphertext may be visible to the host"],
  },
  {
    bit: "pageSwapDisable",
    id: "policy.page-swap-disable",
    subject: "PAGE_SWAP_DISABLE",
    manifestKey: "PageSwapDisable",
    rule: "required",
    meaning: ["pages stay where they are", "the host may swap and move pages"],
  },
];

/** Names and meanings of the bits that are set, for people. */
export function describeGuestPolicy(policy: SnpGuestPolicy): readonly (readonly [name: string, meaning: string])[] {
  return POLICY_BITS.map(({ bit, subject, meaning }) => [subject, meaning[policy[bit] ? 0 : 1]] as const);
}

/**
 * The guest policy must allow no more than is expected, and demand no less.
 *
 * @see google/go-sev-guest validate/validate.go, validatePolicy
 */
export function checkGuestPolicy(report: SnpReport, expectations: SnpExpectations): readonly Check[] {
  const actual = parseGuestPolicy(report.policy);
  const wanted = expectations.guestPolicy ?? DEFAULT_GUEST_POLICY;
  const entry =
    expectations.guestPolicy === undefined ? "Contrast's fixed guest policy" : `${expectations.source}.GuestPolicy`;
  return [checkAbi(actual, wanted, entry), ...POLICY_BITS.map((bit) => checkPolicyBit(bit, actual, wanted, entry))];
}

/** The guest must demand a firmware ABI at least as new as expected. */
function checkAbi(actual: SnpGuestPolicy, wanted: SnpGuestPolicy, source: string): Check {
  const row: Row = {
    id: "policy.abi",
    subject: "guest policy ABI",
    expected: `at least ${wanted.abiMajor}.${wanted.abiMinor}`,
    actual: `${actual.abiMajor}.${actual.abiMinor}`,
    source,
  };
  const isNewEnough =
    actual.abiMajor > wanted.abiMajor || (actual.abiMajor === wanted.abiMajor && actual.abiMinor >= wanted.abiMinor);
  return judgedRow(row, isNewEnough, { code: "snp/guest-policy-wrong" });
}

function checkPolicyBit(rule: PolicyBit, actual: SnpGuestPolicy, wanted: SnpGuestPolicy, entry: string): Check {
  const row = {
    subject: `guest policy ${rule.subject}`,
    meaning: rule.meaning[actual[rule.bit] ? 0 : 1],
    source: entry.endsWith("GuestPolicy") ? `${entry}.${rule.manifestKey}` : entry,
  };
  return checkBit(rule, actual, wanted, row, {
    code: "snp/guest-policy-wrong",
    remedy: "Start the guest with a policy that fits; the policy is fixed at launch.",
  });
}
