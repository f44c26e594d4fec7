/** A source of numbers that always gives the same ones. */
export interface Dice {
  /** 0 to `sides` - 1. */
  roll(sides: number): number;
  pick<T>(values: readonly T[]): T;
}

/** Mulberry32. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const roll = (sides: number): number => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
  return { roll, pick: (values) => values[roll(values.length)]! };
}

/** Bytes with one change. */
export interface Mutation {
  readonly bytes: Uint8Array;
  readonly label: string;
  /** Where the change begins. */
  readonly at: number;
}

/** One bit turned, somewhere from `start` on and before `end`. */
export function flipBit(bytes: Uint8Array, dice: Dice, start = 0, end = bytes.length): Mutation {
  return turnBit(bytes, start + dice.roll(end - start), dice.roll(8));
}

/** One certain bit turned. */
export function turnBit(bytes: Uint8Array, at: number, bit: number): Mutation {
  const changed = bytes.slice();
  changed[at]! ^= 1 << bit;
  return { bytes: changed, label: `bit ${bit} of byte 0x${at.toString(16)} turned`, at };
}

/** The end cut off, or something put behind it. */
export function resize(bytes: Uint8Array, dice: Dice): Mutation {
  const size = dice.roll(bytes.length + 40);
  const changed = new Uint8Array(size);
  changed.set(bytes.subarray(0, size));
  return { bytes: changed, label: `${size} of ${bytes.length} bytes`, at: Math.min(size, bytes.length) };
}
