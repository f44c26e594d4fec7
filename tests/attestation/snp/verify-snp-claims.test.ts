import { describe, expect, test } from "bun:test";
import { DEFAULT_GUEST_POLICY } from "../../../src/attestation/snp/guest-policy.ts";
import { parsePlatformInfo } from "../../../src/attestation/snp/platform-info.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import { judgeSnp, type SnpCase, snpWith } from "../../fakes/snp-case.ts";
import { failedOf } from "../../fakes/verdict-rows.ts";

const chip = amdChip();
const turin = amdChip({ product: "Turin" });
const { tcb } = chip;
const { report, vcek, wants } = snpWith(chip);

/** Genuine evidence that exactly one expectation refuses: what differs, the row, the case. */
const REFUSED: readonly (readonly [name: string, row: string, make: () => SnpCase])[] = [
  // request
  [
    "other report data",
    "request report-data failed snp/report-data-wrong",
    () => ({
      ...report({ reportData: new Uint8Array(64).fill(1) }),
      options: { expected: { reportData: new Uint8Array(64).fill(2) } },
    }),
  ],
  [
    "other host data",
    "request host-data failed snp/host-data-wrong",
    () => ({
      ...report({ hostData: new Uint8Array(32).fill(1) }),
      options: { expected: { hostData: new Uint8Array(32).fill(2) } },
    }),
  ],
  [
    "host data that is none of several",
    "request host-data.one-of failed snp/host-data-wrong",
    () => ({
      ...report({ hostData: new Uint8Array(32).fill(1) }),
      options: { expected: { hostDataOneOf: [new Uint8Array(32), new Uint8Array(32).fill(2)] } },
    }),
  ],
  [
    "host data where none is allowed",
    "request host-data.one-of failed snp/host-data-wrong",
    () => ({ options: { expected: { hostDataOneOf: [] } } }),
  ],
  // reference values
  ["another product", "snp-0-MILAN product failed snp/product-mismatch", () => wants({ product: "Genoa" })],
  [
    "another measurement",
    "snp-0-MILAN measurement failed snp/measurement-wrong",
    () => report({ measurement: new Uint8Array(48).fill(1) }),
  ],
  ["a report of VMPL 1", "snp-0-MILAN vmpl failed snp/vmpl-wrong", () => report({ vmpl: 1 })],
  [
    "a policy with an older minor ABI",
    "snp-0-MILAN policy.abi failed snp/guest-policy-wrong",
    () => wants({ guestPolicy: { ...DEFAULT_GUEST_POLICY, abiMinor: 32 } }, { policy: 0x3001fn }),
  ],
  [
    "a policy with an older major ABI",
    "snp-0-MILAN policy.abi failed snp/guest-policy-wrong",
    () => wants({ guestPolicy: { ...DEFAULT_GUEST_POLICY, abiMajor: 2 } }, { policy: 0x301ffn }),
  ],
  [
    "SMT that is not allowed",
    "snp-0-MILAN policy.smt failed snp/guest-policy-wrong",
    () => wants({ guestPolicy: { ...DEFAULT_GUEST_POLICY, smt: false } }),
  ],
  [
    "a migration agent",
    "snp-0-MILAN policy.migrate-ma failed snp/guest-policy-wrong",
    () => report({ policy: 0x70000n }),
  ],
  ["a debug policy", "snp-0-MILAN policy.debug failed snp/guest-policy-wrong", () => report({ policy: 0xb0000n })],
  [
    "CXL that is not allowed",
    "snp-0-MILAN policy.cxl-allow failed snp/guest-policy-wrong",
    () => report({ policy: 0x230000n }),
  ],
  [
    "several sockets where one is demanded",
    "snp-0-MILAN policy.single-socket failed snp/guest-policy-wrong",
    () => wants({ guestPolicy: { ...DEFAULT_GUEST_POLICY, singleSocket: true } }),
  ],
  [
    "a policy without AES-256-XTS",
    "snp-0-MILAN policy.mem-aes-256-xts failed snp/guest-policy-wrong",
    () => wants({ guestPolicy: { ...DEFAULT_GUEST_POLICY, memAes256Xts: true } }),
  ],
  [
    "a policy that allows RAPL",
    "snp-0-MILAN policy.rapl-dis failed snp/guest-policy-wrong",
    () => wants({ guestPolicy: { ...DEFAULT_GUEST_POLICY, raplDis: true } }),
  ],
  [
    "a policy without hidden ciphertext",
    "snp-0-MILAN policy.ciphertext-hiding-dram failed snp/guest-policy-wrong",
    () => wants({ guestPolicy: { ...DEFAULT_GUEST_POLICY, ciphertextHidingDram: true } }),
  ],
  [
    "a policy that allows page swaps",
    "snp-0-MILAN policy.page-swap-disable failed snp/guest-policy-wrong",
    () => wants({ guestPolicy: { ...DEFAULT_GUEST_POLICY, pageSwapDisable: true } }),
  ],
  ...(["bootloader", "tee", "snp", "microcode"] as const).flatMap((part) => {
    const low = { ...tcb, [part]: tcb[part] - 1 };
    return [
      [
        `a reported ${part} below the minimum`,
        `snp-0-MILAN tcb.${part} failed snp/tcb-low`,
        () => vcek({ tcb: low }, { reportedTcb: low }),
      ],
      [
        `a ${part} at launch below the minimum`,
        `snp-0-MILAN launch-tcb.${part} failed snp/launch-tcb-low`,
        () => report({ launchTcb: low }),
      ],
      [
        `a committed ${part} above the current one`,
        "snp-0-MILAN committed-tcb failed snp/tcb-order",
        () => report({ committedTcb: { ...tcb, [part]: tcb[part] + 1 } }),
      ],
      [
        `a certified ${part} above the current one`,
        "snp-0-MILAN certificate-tcb failed snp/tcb-order",
        () => report({ currentTcb: low, committedTcb: low }),
      ],
    ] as const;
  }),
  [
    "a committed build above the current one",
    "snp-0-MILAN firmware.build failed snp/firmware-order",
    () => report({ committedVersion: [1, 55, 30] }),
  ],
  [
    "a committed minor version above the current one",
    "snp-0-MILAN firmware.version failed snp/firmware-order",
    () => report({ committedVersion: [1, 56, 29] }),
  ],
  [
    "a committed major version above the current one",
    "snp-0-MILAN firmware.version failed snp/firmware-order",
    () => report({ committedVersion: [2, 0, 29] }),
  ],
  [
    "SMT on the host that is not allowed",
    "snp-0-MILAN platform-info.smt failed snp/platform-info-wrong",
    () => wants({ platformInfo: parsePlatformInfo(0n) }, { platformInfo: 1n }),
  ],
  [
    "TSME that is not allowed",
    "snp-0-MILAN platform-info.tsme failed snp/platform-info-wrong",
    () => wants({ platformInfo: parsePlatformInfo(1n) }, { platformInfo: 3n }),
  ],
  [
    "TIO that is not allowed",
    "snp-0-MILAN platform-info.tio failed snp/platform-info-wrong",
    () => wants({ platformInfo: parsePlatformInfo(1n) }, { platformInfo: 0x81n }),
  ],
  [
    "memory without ECC",
    "snp-0-MILAN platform-info.ecc failed snp/platform-info-wrong",
    () => wants({ platformInfo: parsePlatformInfo(5n) }, { platformInfo: 1n }),
  ],
  [
    "RAPL that is on",
    "snp-0-MILAN platform-info.rapl-dis failed snp/platform-info-wrong",
    () => wants({ platformInfo: parsePlatformInfo(9n) }, { platformInfo: 1n }),
  ],
  [
    "ciphertext that is visible",
    "snp-0-MILAN platform-info.ciphertext-hiding-dram failed snp/platform-info-wrong",
    () => wants({ platformInfo: parsePlatformInfo(0x11n) }, { platformInfo: 1n }),
  ],
  [
    "an alias check that is not complete",
    "snp-0-MILAN platform-info.alias-check failed snp/platform-info-wrong",
    () => wants({ platformInfo: parsePlatformInfo(0x21n) }, { platformInfo: 1n }),
  ],
  [
    "a platform bit that nobody knows",
    "snp-0-MILAN platform-info.reserved failed snp/platform-info-wrong",
    () => wants({ platformInfo: parsePlatformInfo(1n) }, { platformInfo: 0x41n }),
  ],
  [
    "a chip that is not listed",
    "snp-0-MILAN chip-id failed snp/chip-not-allowed",
    () => wants({ allowedChipIds: [new Uint8Array(64).fill(9)] }),
  ],
  [
    "a mitigation that lacked at launch",
    "snp-0-MILAN mitigation.launch failed snp/mitigation-missing",
    () => wants({ minimumMitigationVector: 6n }, { version: 5, launchMitVector: 5n, currentMitVector: 7n }),
  ],
  [
    "a mitigation that lacks now",
    "snp-0-MILAN mitigation.current failed snp/mitigation-missing",
    () => wants({ minimumMitigationVector: 6n }, { version: 5, launchMitVector: 7n, currentMitVector: 2n }),
  ],
  [
    "an FMC below the minimum",
    "snp-0-TURIN tcb.fmc failed snp/tcb-low",
    () => snpWith(turin).vcek({ tcb: { ...turin.tcb, fmc: 0 } }, { reportedTcb: { ...turin.tcb, fmc: 0 } }),
  ],
  [
    "an FMC at launch below the minimum",
    "snp-0-TURIN launch-tcb.fmc failed snp/launch-tcb-low",
    () => snpWith(turin).report({ launchTcb: { ...turin.tcb, fmc: 0 } }),
  ],
];

describe("verifySnp()", () => {
  test.each(REFUSED)("refuses %s for exactly that", (_, row, make) => {
    const verdict = judgeSnp(make());
    expect(failedOf(verdict)).toEqual([row]);
    expect(verdict.outcome).toBe("rejected");
  });
});
