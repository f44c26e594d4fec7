import { ContrastError } from "../../lib/errors.ts";

/** What the owner of a guest allowed or demanded when it was launched. */
export interface SnpGuestPolicy {
  /** Oldest major version of the firmware's ABI that may run the guest. */
  readonly abiMajor: number;
  readonly abiMinor: number;
  /** Whether simultaneous multithreading is allowed. */
  readonly smt: boolean;
  /** Whether a migration agent is allowed. */
  readonly migrateMa: boolean;
  /** Whether the host may decrypt the guest. */
  readonly debug: boolean;
  /** Whether the guest must stay on one socket. */
  readonly singleSocket: boolean;
  /** Whether CXL memory is allowed. */
  readonly cxlAllow: boolean;
  /** Whether AES-256-XTS is required for memory. */
  readonly memAes256Xts: boolean;
  /** Whether power measurement (RAPL) must be off. */
  readonly raplDis: boolean;
  /** Whether hiding of ciphertext in DRAM is required. */
  readonly ciphertextHidingDram: boolean;
  /** Whether the host may not swap or move pages. */
  readonly pageSwapDisable: boolean;
}

/** Names of the bits of a policy. */
export type GuestPolicyBit = Exclude<keyof SnpGuestPolicy, "abiMajor" | "abiMinor">;

/** Bit numbers; bit 17 is reserved and must be one, bits above 25 must be zero. */
export const GUEST_POLICY_BITS: Readonly<Record<GuestPolicyBit, number>> = {
  smt: 16,
  migrateMa: 18,
  debug: 19,
  singleSocket: 20,
  cxlAllow: 21,
  memAes256Xts: 22,
  raplDis: 23,
  ciphertextHidingDram: 24,
  pageSwapDisable: 25,
};

const RESERVED_ONE = 1n << 17n;
const FIRST_RESERVED_BIT = 26n;

/** What Contrast 1.4 accepts of every guest: SMT, nothing else, any ABI. */
export const DEFAULT_GUEST_POLICY: SnpGuestPolicy = {
  abiMajor: 0,
  abiMinor: 0,
  smt: true,
  migrateMa: false,
  debug: false,
  singleSocket: false,
  cxlAllow: false,
  memAes256Xts: false,
  raplDis: false,
  ciphertextHidingDram: false,
  pageSwapDisable: false,
};

/**
 * Reads the guest policy of a report.
 *
 * @throws ContrastError `snp/policy-reserved-set` if bit 17 is zero or one of bits 26 to 63 is one
 * @see AMD 56860 (SEV-SNP ABI), section Guest Policy
 */
export function parseGuestPolicy(policy: bigint): SnpGuestPolicy {
  if ((policy & RESERVED_ONE) === 0n) throw reserved(policy, "bit 17 is zero and must be one");
  if (policy >> FIRST_RESERVED_BIT !== 0n) throw reserved(policy, "one of the bits 26 to 63 is set");
  const has = (bit: GuestPolicyBit): boolean => ((policy >> BigInt(GUEST_POLICY_BITS[bit])) & 1n) === 1n;
  return {
    abiMajor: Number((policy >> 8n) & 0xffn),
    abiMinor: Number(policy & 0xffn),
    smt: has("smt"),
    migrateMa: has("migrateMa"),
    debug: has("debug"),
    singleSocket: has("singleSocket"),
    cxlAllow: has("cxlAllow"),
    memAes256Xts: has("memAes256Xts"),
    raplDis: has("raplDis"),
    ciphertextHidingDram: has("ciphertextHidingDram"),
    pageSwapDisable: has("pageSwapDisable"),
  };
}

function reserved(policy: bigint, fact: string): ContrastError {
  return new ContrastError("snp/policy-reserved-set", `Cannot read SNP guest policy 0x${policy.toString(16)}: ${fact}`);
}
