import { createECDH } from "node:crypto";
import { sha384 } from "../../lib/digest.ts";

/** A public key on P-384; coordinates are big-endian, 48 bytes each. */
export interface P384Point {
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

/** The signature that every anonymous ID block has; both numbers are chosen, not computed. */
export const ANONYMOUS_SIGNATURE = { r: 2n, s: 1n } as const;

/** Prime of the field of P-384, and the order of its group. */
const FIELD = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
const ORDER = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;

/**
 * Half of a point whose x is `r`; the other point with that x is the double of its negative. Where x is -1, the tangent
 * of the curve is level, so the double has x = 2 and is easily divided.
 */
const HALF = {
  x: FIELD - 1n,
  y: 0x732152442fb6ee5c3e6ce1d920c059bc623563814d79042b903ce60f1d4487fccd450a86da03f3e6ed525d02017bfdb3n,
} as const;

interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

/**
 * The public key that accepts `ANONYMOUS_SIGNATURE` for some bytes. Its private key is known to nobody, so the bytes are
 * bound to the key, and nobody has to keep a secret. Of the two keys that do, it is the one with the smaller x.
 *
 * Recovery solves `r Q = s R - e G` for the key Q. With s = 1 that is `Q = R/r - (e/r) G`.
 *
 * @param signed what the signature is over; hashed with SHA-384
 * @see SEC 1 section 4.1.6
 */
export function anonymousIdKey(signed: Uint8Array): P384Point {
  const hashed = BigInt(`0x${sha384(signed).toHex()}`) % ORDER;
  // Dividing by r = 2 modulo the odd order.
  const half = ((hashed % 2n === 0n ? hashed : hashed + ORDER) / 2n) % ORDER;
  const minusBase = negative(multipleOfBase(half));
  const one = add(HALF, minusBase);
  const other = add(negative(HALF), minusBase);
  const key = one.x < other.x ? one : other;
  return { x: bytesOf(key.x), y: bytesOf(key.y) };
}

/** @param factor not 0, for which nobody can find a hash */
function multipleOfBase(factor: bigint): Point {
  const pair = createECDH("secp384r1");
  pair.setPrivateKey(bytesOf(factor));
  const point = pair.getPublicKey("hex", "uncompressed");
  return { x: BigInt(`0x${point.slice(2, 98)}`), y: BigInt(`0x${point.slice(98)}`) };
}

/** Of points with different x: a sum of others would need a hash that nobody can find. */
function add(a: Point, b: Point): Point {
  const slope = modulo((b.y - a.y) * inverse(modulo(b.x - a.x)));
  const x = modulo(slope * slope - a.x - b.x);
  return { x, y: modulo(slope * (a.x - x) - a.y) };
}

function negative({ x, y }: Point): Point {
  return { x, y: FIELD - y };
}

function modulo(value: bigint): bigint {
  return ((value % FIELD) + FIELD) % FIELD;
}

/** By Euclid's algorithm. */
function inverse(value: bigint): bigint {
  let [a, b, u, v] = [value, FIELD, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b, u, v] = [b, a - quotient * b, v, u - quotient * v];
  }
  return modulo(u);
}

function bytesOf(value: bigint): Uint8Array {
  return Uint8Array.fromHex(value.toString(16).padStart(96, "0"));
}
