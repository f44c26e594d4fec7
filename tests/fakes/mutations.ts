/** Every beginning of the bytes that is not the whole. */
export function* truncations(bytes: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < bytes.length; length++) yield bytes.subarray(0, length);
}

/** A copy with one bit flipped, counted from the lowest one of the first byte. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

/**
 * Copies of the bytes with one bit flipped.
 *
 * @param step only every so-and-so-many-th bit; 1 for all of them
 */
export function* bitFlips(
  bytes: Uint8Array,
  step = 1,
): Generator<{ readonly bit: number; readonly flipped: Uint8Array }> {
  for (let bit = 0; bit < bytes.length * 8; bit += step) {
    yield { bit, flipped: flipBit(bytes, bit) };
  }
}

/** A source of numbers that repeats for the same seed. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
