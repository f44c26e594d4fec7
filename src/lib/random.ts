import { randomBytes } from "node:crypto";

/** `count` random bytes as lower-case hexadecimal digits, from the platform's cryptographic source. */
export function randomHex(count: number): string {
  return randomBytes(count).toString("hex");
}
