/** Probabilities of a length: choice of three ranges, two of them by position. */
export interface LengthModel {
  readonly choice: Uint16Array;
  readonly low: Uint16Array;
  readonly middle: Uint16Array;
  readonly high: Uint16Array;
}

/** Probabilities of a distance. */
export interface DistanceModel {
  readonly slots: Uint16Array;
  readonly special: Uint16Array;
  readonly align: Uint16Array;
}

/** All that an LZMA decoder learns. */
export interface LzmaModels extends DistanceModel {
  readonly isMatch: Uint16Array;
  readonly isRepeat: Uint16Array;
  readonly isRepeat0: Uint16Array;
  readonly isRepeat1: Uint16Array;
  readonly isRepeat2: Uint16Array;
  readonly isRepeat0Long: Uint16Array;
  readonly literals: Uint16Array;
  readonly matchLength: LengthModel;
  readonly repeatLength: LengthModel;
}

const HALF = 1024;

function probabilities(count: number): Uint16Array {
  return new Uint16Array(count).fill(HALF);
}

function lengthModel(): LengthModel {
  return {
    choice: probabilities(2),
    low: probabilities(16 * 8),
    middle: probabilities(16 * 8),
    high: probabilities(256),
  };
}

/** Models that have learned nothing yet; every bit is as likely 0 as 1. */
export function createLzmaModels(literalBits: number): LzmaModels {
  return {
    isMatch: probabilities(12 * 16),
    isRepeat: probabilities(12),
    isRepeat0: probabilities(12),
    isRepeat1: probabilities(12),
    isRepeat2: probabilities(12),
    isRepeat0Long: probabilities(12 * 16),
    literals: probabilities(0x300 << literalBits),
    matchLength: lengthModel(),
    repeatLength: lengthModel(),
    slots: probabilities(4 * 64),
    special: probabilities(128),
    align: probabilities(16),
  };
}
