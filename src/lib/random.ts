import { randomBytes } from "node:crypto";

/** `count` random bytes as lower-case hexadecimal digits, from the platform's cryptographic source. */
export function randomHex(count: number): string {
  return randomBytes(count).toString("hex");
}

/** `count` random bytes from the platform's cryptographic source. */
export function randomOctets(count: number): Uint8Array {
  return new Uint8Array(randomBytes(count));
}
