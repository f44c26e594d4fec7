import type { DistanceModel, LengthModel } from "./lzma-models.ts";

const TOP = 2 ** 24;
const PROBABILITY_BITS = 11;
const MOVE_BITS = 5;
const START_BYTES = 5;

/** The range decoder of LZMA over bytes in memory; behind the end it reads zeros and says so. */
export class LzmaStream {
  readonly #data: Uint8Array;
  #at: number;
  #range = 0xffff_ffff;
  #code = 0;

  /** @param start where the coded bytes begin */
  constructor(data: Uint8Array, start: number) {
    this.#data = data;
    this.#at = start;
    for (let index = 0; index < START_BYTES; index += 1) this.#code = ((this.#code << 8) | this.#next()) >>> 0;
  }

  /** Whether more was read than is there. */
  get isExhausted(): boolean {
    return this.#at > this.#data.length;
  }

  /** One bit by the probability at an index, which learns from it. */
  bit(model: Uint16Array, index: number): 0 | 1 {
    const probability = model[index] ?? 0;
    const bound = (this.#range >>> PROBABILITY_BITS) * probability;
    let result: 0 | 1 = 0;
    if (this.#code < bound) {
      this.#range = bound;
      model[index] = probability + ((2 ** PROBABILITY_BITS - probability) >> MOVE_BITS);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      model[index] = probability - (probability >> MOVE_BITS);
      result = 1;
    }
    this.#normalize();
    return result;
  }

  /** A literal, told apart from the byte that a match would bring where the last thing was a match. */
  literal(model: Uint16Array, base: number, matched: number | undefined): number {
    let symbol = 1;
    if (matched !== undefined) {
      for (let left = matched; symbol < 0x100;) {
        const expected = (left >> 7) & 1;
        left <<= 1;
        const bit = this.bit(model, base + ((1 + expected) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (bit !== expected) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.bit(model, base + symbol);
    return symbol & 0xff;
  }

  /** A length of 2 to 273. */
  length({ choice, low, middle, high }: LengthModel, position: number): number {
    if (this.bit(choice, 0) === 0) return 2 + this.#tree(low, position * 8, 3);
    if (this.bit(choice, 1) === 0) return 10 + this.#tree(middle, position * 8, 3);
    return 18 + this.#tree(high, 0, 8);
  }

  /** How far back a match lies, less one. */
  distance({ slots, special, align }: DistanceModel, length: number): number {
    const slot = this.#tree(slots, Math.min(length - 2, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return base + this.#reverseTree(special, base - slot, bits);
    return base + this.#direct(bits - 4) * 16 + this.#reverseTree(align, 0, 4);
  }

  #tree(model: Uint16Array, base: number, bits: number): number {
    let symbol = 1;
    for (let index = 0; index < bits; index += 1) symbol = (symbol << 1) | this.bit(model, base + symbol);
    return symbol - (1 << bits);
  }

  #reverseTree(model: Uint16Array, base: number, bits: number): number {
    let symbol = 1;
    let result = 0;
    for (let index = 0; index < bits; index += 1) {
      const bit = this.bit(model, base + symbol);
      symbol = (symbol << 1) | bit;
      result |= bit << index;
    }
    return result;
  }

  /** Bits that are as likely 0 as 1. */
  #direct(bits: number): number {
    let result = 0;
    for (let index = 0; index < bits; index += 1) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      result = result * 2 + bit;
      this.#normalize();
    }
    return result;
  }

  #normalize(): void {
    if (this.#range >= TOP) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.#next()) >>> 0;
  }

  #next(): number {
    const byte = this.#data[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }
}
