/** What the host has switched on, as a report says it. */
export interface SnpPlatformInfo {
  /** Simultaneous multithreading. */
  readonly smtEnabled: boolean;
  /** Transparent encryption of all memory. */
  readonly tsmeEnabled: boolean;
  /** Memory with error correction. */
  readonly eccEnabled: boolean;
  /** Power measurement (RAPL) is off. */
  readonly raplDisabled: boolean;
  readonly ciphertextHidingDramEnabled: boolean;
  /** The firmware found no aliased memory since the last reset. */
  readonly aliasCheckComplete: boolean;
  /** Trusted input and output. */
  readonly tioEnabled: boolean;
}

/** Bit numbers of PLATFORM_INFO; bit 6 and the bits above 7 are reserved. */
export const PLATFORM_INFO_BITS: Readonly<Record<keyof SnpPlatformInfo, number>> = {
  smtEnabled: 0,
  tsmeEnabled: 1,
  eccEnabled: 2,
  raplDisabled: 3,
  ciphertextHidingDramEnabled: 4,
  aliasCheckComplete: 5,
  tioEnabled: 7,
};

const KNOWN_BITS = Object.values(PLATFORM_INFO_BITS).reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);

/** Reads PLATFORM_INFO; reserved bits are not looked at (`reservedPlatformBits`). */
export function parsePlatformInfo(platformInfo: bigint): SnpPlatformInfo {
  const has = (bit: keyof SnpPlatformInfo): boolean => ((platformInfo >> BigInt(PLATFORM_INFO_BITS[bit])) & 1n) === 1n;
  return {
    smtEnabled: has("smtEnabled"),
    tsmeEnabled: has("tsmeEnabled"),
    eccEnabled: has("eccEnabled"),
    raplDisabled: has("raplDisabled"),
    ciphertextHidingDramEnabled: has("ciphertextHidingDramEnabled"),
    aliasCheckComplete: has("aliasCheckComplete"),
    tioEnabled: has("tioEnabled"),
  };
}

/** The bits of PLATFORM_INFO that mean nothing known; newer firmware may set them. */
export function reservedPlatformBits(platformInfo: bigint): bigint {
  return platformInfo & ~KNOWN_BITS;
}
